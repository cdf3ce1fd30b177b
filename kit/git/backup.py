"""Backups: the whole folder, in a commit that only a ref of its own points to.

    HEAD's tree, with every uncommitted and untracked file --> commit --> refs/workshop/backup/20260314T151617Z-1

Files are stored byte for byte: no filter and no line-ending setting touches them. HEAD, index and branches stay as
they are.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kit import files
from kit.git import backup_expiry
from kit.git.backup_refs import FOLDER, Backup, add_ref, backups, choose
from kit.git.worktree import blob, git_errors, open_clone, prefix
from kit.lock import while_locked

if TYPE_CHECKING:
    import pygit2

__all__ = ["FOLDER", "Backup", "Restored", "backups", "choose", "make", "restore"]

MAX_BYTES = 50 * 2**20  # the limit for a file that nothing is about to change
NOTHING_CHANGED = "make room or repair the repository, then run the same command again; nothing was changed"


@dataclass(frozen=True, slots=True)
class Restored:
    """The paths that a restore changed, and the backup of what was in them before."""

    paths: tuple[str, ...]
    previous: Backup | None


def make(root: Path, kind: str, subject: str, paths: Iterable[Path]) -> Backup:
    """Back up the folder before `paths` are changed. Those are stored even if they're large or ignored by git.

    Raises:
        KitError: `root` isn't in a git repository, or the backup can't be written.
    """
    import pygit2
    from pygit2.enums import FileStatus, Option

    repository = open_clone(root)
    with git_errors("the backup can't be made", root, NOTHING_CHANGED):
        pygit2.option(Option.ENABLE_FSYNC_GITDIR, True)
        top, inner = Path(os.path.realpath(repository.workdir)), prefix(repository, root)
        index = pygit2.Index()
        parents = []
        if not repository.head_is_unborn:
            head = repository.head.peel(pygit2.Commit)
            index.read_tree(head.tree)
            parents.append(head.id)
        listed = tuple(inner + path.relative_to(root).as_posix() for path in paths)
        status = repository.status(untracked_files="all", ignored=False)
        changed = {path for path, flags in status.items() if flags != FileStatus.IGNORED and path.startswith(inner)}
        skipped = [
            path for path in sorted({*changed, *listed}) if not store(repository, index, top, path, path in listed)
        ]
        who = pygit2.Signature("workshop", "workshop@localhost", int(time.time()), 0)
        message = "\n".join([f"{kind}: {subject}", "", *listed, ""])
        commit = repository.create_commit(None, who, who, message, index.write_tree(repository), parents)
        name = add_ref(repository, commit)
    backup_expiry.delete_expired(root)
    return Backup(name, kind, subject, listed, str(commit), tuple(skipped))


def store(repository: pygit2.Repository, index: pygit2.Index, top: Path, path: str, required: bool) -> bool:
    """Bring one path in the backup's tree up to date with the disk; `False` if that file was left out.

    Raises:
        OSError: the file is `required` and can't be read.
    """
    import pygit2

    try:
        found = (top / path).lstat()
    except (FileNotFoundError, NotADirectoryError):
        if path in index:
            index.remove(path)
        return True
    try:
        if stat.S_ISLNK(found.st_mode):
            data, mode = os.fsencode(os.readlink(top / path)), 0o120000
        elif stat.S_ISREG(found.st_mode) and (found.st_size <= MAX_BYTES or required):
            data, mode = (top / path).read_bytes(), 0o100755 if found.st_mode & 0o100 else 0o100644
        else:  # too large, another repository, a socket
            return False
    except OSError:
        if required:
            raise
        return False
    index.add(pygit2.IndexEntry(path, repository.create_blob(data), pygit2.enums.FileMode(mode)))
    return True


def restore(root: Path, backup: Backup) -> Restored:
    """Bring back the paths that the backup was made for, and no others; what's in them now is backed up first.

    Raises:
        KitError: something can't be read or written.
    """
    return while_locked(root, lambda: restore_once(root, backup))


def restore_once(root: Path, backup: Backup) -> Restored:
    """One attempt at a restore; `FileChanged` if another program writes to one of the files meanwhile."""
    import pygit2

    repository = open_clone(root)
    inner = prefix(repository, root)
    wanted: list[tuple[Path, bytes | None, bytes | None, bool]] = []
    with git_errors("the backup can't be read", root, "git fsck says what's wrong with the repository"):
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
            files.remove(path, root, expected=now)
        else:
            files.write(path, data, root, expected=now, executable=executable)
    return Restored(tuple(files.shown(path, root) for path, *_ in wanted), previous)
