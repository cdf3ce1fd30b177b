"""Whether a file was written again."""

from __future__ import annotations

from pathlib import Path


def stamp(path: Path) -> tuple[int, int]:
    """What changes when a file is written, even if the bytes stay."""
    return path.stat().st_ino, path.stat().st_mtime_ns
