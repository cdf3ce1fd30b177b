"""Backups that nobody needs any more are let go: old ones, all of whose files stand in a commit or in another backup.

refs/workshop/backup/* --old, beyond the newest--> does it alone hold a file or a commit? --> delete the ref
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kit.errors import KitError
from kit.git.backup import FOLDER, Backup, backups
from kit.git.command import run

NEWEST = 100  # backups that stay, whatever their age
AGE = timedelta(days=30)  # and all that are younger


def made_at(backup: Backup) -> datetime:
    """When a backup was made, by its name."""
    return datetime.strptime(backup.name.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def alone(root: Path, backup: Backup) -> bool:
    """Whether a file's content, or a commit besides its own, is reachable from this backup and from no other ref.

    Raises:
        KitError: git cannot say.
    """
    others = ["--not", f"--exclude={FOLDER}{backup.name}", "--all", "HEAD"]
    if run(root, "rev-list", "--max-count=1", f"{backup.commit}^@", *others).strip():
        return True
    only_files = ["--objects", "--no-object-names", "--filter=object:type=blob", "--filter-provided-objects"]
    return bool(run(root, "rev-list", *only_files, backup.commit, *others).strip())


def clear(root: Path, now: datetime | None = None) -> tuple[str, ...]:
    """Let go what is old, beyond the newest, and not the only copy of anything; the names, oldest first.

    Where git cannot say what else holds a file, the backup stays.
    """
    before = (now or datetime.now(UTC)) - AGE
    gone: list[str] = []
    with suppress(KitError):
        for backup in backups(root)[:-NEWEST]:
            if made_at(backup) < before and not alone(root, backup):
                run(root, "update-ref", "-d", f"{FOLDER}{backup.name}", backup.commit)
                gone.append(backup.name)
    return tuple(gone)
