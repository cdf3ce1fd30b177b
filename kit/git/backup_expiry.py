"""Old backups are deleted once nothing in them would be lost: every file in them is also in a branch or newer backup.

refs/workshop/backup/* --old, and not among the newest--> the only ref with some file or commit? --no--> delete
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kit.errors import KitError
from kit.git.backup_refs import FOLDER, TIME, Backup, backups
from kit.git.command import git_output

NEWEST = 100  # this many backups stay, however old they are
AGE = timedelta(days=30)  # younger backups stay too


def made_at(backup: Backup) -> datetime:
    """When a backup was made, from its name."""
    return datetime.strptime(backup.name.partition("-")[0], TIME).replace(tzinfo=UTC)


def holds_only_copy(root: Path, backup: Backup) -> bool:
    """Whether some file's content, or a commit other than the backup's own, is reachable only from this ref.

    Raises:
        KitError: git can't tell.
    """
    others = ["--not", f"--exclude={FOLDER}{backup.name}", "--all", "HEAD"]
    if git_output(root, "rev-list", "--max-count=1", f"{backup.commit}^@", *others).strip():
        return True
    # On its own, `--objects` looks into the other refs' commits only if they're parents of this one; `aggressive` looks
    # into the tip of every other ref. It prints those commits too, after a dash.
    files = ["--objects-edge-aggressive", "--no-object-names", "--filter=object:type=blob", "--filter-provided-objects"]
    found = git_output(root, "rev-list", *files, backup.commit, *others).splitlines()
    return any(not line.startswith("-") for line in found)


def delete_expired(root: Path, now: datetime | None = None) -> tuple[str, ...]:
    """Delete the backups that are old, not among the newest, and not the only copy of anything; return their names.

    If git can't tell where else a file is, the backup stays.
    """
    before = (now or datetime.now(UTC)) - AGE
    deleted: list[str] = []
    with suppress(KitError):
        for backup in backups(root)[:-NEWEST]:
            if made_at(backup) < before and not holds_only_copy(root, backup):
                git_output(root, "update-ref", "-d", f"{FOLDER}{backup.name}", backup.commit)
                deleted.append(backup.name)
    return tuple(deleted)
