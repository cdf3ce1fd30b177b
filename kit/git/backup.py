"""Backups: everything that is in the folder, in a commit that only a ref of its own holds.

    refs/workshop/backup/20260314T151617Z-1 --> commit --> HEAD's tree, with all that is uncommitted and untracked

The bytes are those on the disk: no filter and no line-end setting touches them. HEAD, index and branches stay as
they are.
"""

from __future__ import annotations

import difflib
import os
import re
import stat
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kit import files
from kit.errors import KitError
from kit.git.worktree import blob, git_errors, open_clone, prefix
from kit.lock import while_locked

if TYPE_CHECKING:
    import pygit2

FOLDER = "refs/workshop/backup/"
NAME = re.compile(r"(?P<time>\d{8}T\d{6}Z)-(?P<number>\d+)")
LARGEST = 50 * 2**20  # bytes of a file that is kept although nothing is about to change it
MOST_A_SECOND = 1000
NOTHING_CHANGED = "make room or mend the repository, then run the same command again; nothing was changed"


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup. `kind` is the command that made it, `subject` what for, `paths` (below the repository's top) what
    it was about to change. `skipped` names what is not in it: known only to who has made it."""

    name: str
    kind: str
    subject: str
    paths: tuple[str, ...]
    commit: str
    skipped: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """What brings it back."""
        return f"python scripts/reset_to_todo.py --restore {self.name}"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has changed, and the backup of what was there before."""

    paths: tuple[str, ...]
    previous: Backup | None


def make(root: Path, kind: str, subject: str, paths: Iterable[Path]) -> Backup:
    """Back up the folder before `paths` are changed; those are in it whatever their size, and ignored by git or not.

    Raises:
        KitError: this is no git repository, or the backup cannot be written.
    """
    import pygit2
    from pygit2.enums import FileStatus, Option

    from kit.git import backup_expiry

    repository = open_clone(root)
    with git_errors("the backup cannot be made", root, NOTHING_CHANGED):
        pygit2.option(Option.ENABLE_FSYNC_GITDIR, True)
        top, inner = Path(os.path.realpath(repository.workdir)), prefix(repository, root)
        index = pygit2.Index()
        parents = []
        if not repository.head_is_unborn:
            head = repository.head.peel(pygit2.Commit)
            index.read_tree(head.tree)
            parents.append(head.id)
        listed = tuple(inner + path.relative_to(root).as_posix() for path in paths)
        found = repository.status(untracked_files="all", ignored=False)
        changed = {path for path, status in found.items() if status != FileStatus.IGNORED and path.startswith(inner)}
        there = {path: status for path in {*changed, *listed} if (status := look(top / path)) is not None}
        for path in {*changed, *listed} - set(there):
            if path in index:
                index.remove(path)
        skipped = [
            path for path, status in sorted(there.items()) if not keep(repository, index, top, path, status, listed)
        ]
        who = pygit2.Signature("workshop", "workshop@localhost", int(time.time()), 0)
        message = "\n".join([f"{kind}: {subject}", "", *listed, ""])
        commit = repository.create_commit(None, who, who, message, index.write_tree(repository), parents)
        name = claim(repository, commit)
    backup_expiry.clear(root)
    return Backup(name, kind, subject, listed, str(commit), tuple(skipped))


def look(path: Path) -> os.stat_result | None:
    """What stands at a path, links not followed; `None` where nothing does."""
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def keep(
    repository: pygit2.Repository,
    index: pygit2.Index,
    top: Path,
    path: str,
    status: os.stat_result,
    listed: Iterable[str],
) -> bool:
    """Put one file into the backup's tree; `False` where it is left out."""
    import pygit2

    mode = status.st_mode
    try:
        if stat.S_ISLNK(mode):
            data, kind = os.fsencode(os.readlink(top / path)), 0o120000
        elif stat.S_ISREG(mode) and (status.st_size <= LARGEST or path in listed):
            data, kind = (top / path).read_bytes(), 0o100755 if mode & 0o100 else 0o100644
        else:  # too large, a repository of its own, a socket
            return False
    except OSError:
        if path in listed:
            raise
        return False
    index.add(pygit2.IndexEntry(path, repository.create_blob(data), pygit2.enums.FileMode(kind)))
    return True


def claim(repository: pygit2.Repository, commit: pygit2.Oid) -> str:
    """Point a ref of a new name to the commit, and give back the name."""
    import pygit2

    now, number = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()), 1
    while True:
        try:
            repository.references.create(f"{FOLDER}{now}-{number}", commit)
            return f"{now}-{number}"
        except (pygit2.GitError, OSError):  # there already, or locked by a command that was killed in this very second
            if number == MOST_A_SECOND:
                raise
            number += 1


def backups(root: Path) -> list[Backup]:
    """All backups of the repository that `root` lies in, oldest first.

    Raises:
        KitError: this is no git repository.
    """
    import pygit2

    repository = open_clone(root)
    found = []
    with git_errors("the backups cannot be read", root, "git for-each-ref refs/workshop lists them"):
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
    """The backup of this name; without a name the newest, or the newest of this kind.

    Raises:
        KitError: there is none; the nearest names are given.
    """
    known = backups(root)
    fitting = [backup for backup in known if (backup.name == name if name else kind in ("", backup.kind))]
    if fitting:
        return fitting[-1]
    if not name:
        raise KitError(
            "there is no backup here", str(root), "a backup is made when something is about to be overwritten"
        )
    names = [backup.name for backup in known]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0) or names[-3:]
    advice = f"try {', '.join(near)}" if near else "there are none yet"
    raise KitError(f"there is no backup {name!r}", "", advice)


def restore(root: Path, backup: Backup) -> Restored:
    """Bring back what the backup was made for, those paths and no others; what stands there now is backed up first.

    Raises:
        KitError: something cannot be read or written.
    """
    return while_locked(root, lambda: restore_once(root, backup))


def restore_once(root: Path, backup: Backup) -> Restored:
    """One attempt at a restore; `disk.Changed` when somebody else wrote in the middle of it."""
    import pygit2

    repository = open_clone(root)
    inner = prefix(repository, root)
    wanted: list[tuple[Path, bytes | None, bytes | None, bool]] = []
    with git_errors("the backup cannot be read", root, "git fsck says what is wrong with the repository"):
        tree = repository[backup.commit].peel(pygit2.Commit).tree
        for name in backup.paths:
            if not name.startswith(inner):
                continue
            kept = blob(tree, name)
            path = root / name.removeprefix(inner)
            now, data = files.read(path, root), kept.data if kept else None
            if now != data:
                wanted.append((path, now, data, kept is not None and kept.filemode == 0o100755))
    if not wanted:
        return Restored((), None)
    previous = make(root, "restore", f"before {backup.name} came back", [path for path, *_ in wanted])
    for path, now, data, executable in wanted:
        if data is None:
            files.remove(path, root, expected=(now,))
        else:
            files.write(path, data, root, expected=(now,), executable=executable)
    return Restored(tuple(files.shown(path, root) for path, *_ in wanted), previous)
