"""The backups of a repository, as the refs that hold them.

refs/workshop/backup/20260314T151617Z-1 --> commit "reset: 06.03", then the paths that were about to change
"""

from __future__ import annotations

import difflib
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kit.errors import KitError
from kit.git.worktree import git_errors, open_clone

if TYPE_CHECKING:
    import pygit2

FOLDER = "refs/workshop/backup/"
NAME = re.compile(r"(?P<time>\d{8}T\d{6}Z)-(?P<number>\d+)")
TIME = "%Y%m%dT%H%M%SZ"
MAX_PER_SECOND = 1000


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup. `kind` is the command that made it, `subject` what it was for, `paths` what the command was about to
    change, from the top of the repository. `skipped` lists what was left out; it's known only right after a backup."""

    name: str
    kind: str
    subject: str
    paths: tuple[str, ...]
    commit: str
    skipped: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The command that restores it."""
        return f"python scripts/reset_to_todo.py --restore {self.name}"


def add_ref(repository: pygit2.Repository, commit: pygit2.Oid) -> str:
    """Make a ref for a backup's commit, named after the time; returns the name."""
    import pygit2

    now, number = time.strftime(TIME, time.gmtime()), 1
    while True:
        try:
            repository.references.create(f"{FOLDER}{now}-{number}", commit)
            return f"{now}-{number}"
        except (pygit2.GitError, OSError):  # it exists, or a command that was killed this very second left it locked
            if number == MAX_PER_SECOND:
                raise
            number += 1


def backups(root: Path) -> list[Backup]:
    """All backups of the repository that `root` is in, oldest first.

    Raises:
        KitError: `root` isn't in a git repository.
    """
    import pygit2

    repository = open_clone(root)
    found = []
    with git_errors("the backups can't be read", root, "git for-each-ref refs/workshop lists them"):
        for reference in repository.references.iterator():
            match = NAME.fullmatch(reference.name.removeprefix(FOLDER))
            if match and reference.name.startswith(FOLDER):
                commit = reference.peel(pygit2.Commit)
                title, _, rest = commit.message.partition("\n")
                kind, _, subject = title.partition(": ")
                paths = tuple(line for line in rest.split("\n") if line)
                order = (match["time"], int(match["number"]))
                found.append((order, Backup(match[0], kind, subject, paths, str(commit.id))))
    return [backup for _, backup in sorted(found, key=lambda pair: pair[0])]


def choose(root: Path, name: str = "", kind: str = "") -> Backup:
    """The backup with this name; without a name the newest one, or the newest of this kind.

    Raises:
        KitError: there isn't one; the message suggests the nearest names.
    """
    known = backups(root)
    fitting = [backup for backup in known if (backup.name == name if name else kind in ("", backup.kind))]
    if fitting:
        return fitting[-1]
    if not name and known:
        advice = "python scripts/reset_to_todo.py --list shows them; --restore and a name brings one back"
        raise KitError(f"there's no backup of a {kind} here, but there are others", "", advice)
    if not name:
        raise KitError("there are no backups here yet: no command has overwritten anything", "")
    names = [backup.name for backup in known]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0) or names[-3:]
    if not near:
        raise KitError(f"there's no backup {name!r}, nor any other yet", str(root), "run this after a reset")
    raise KitError(f"there's no backup {name!r}", "", f"try {', '.join(near)}")
