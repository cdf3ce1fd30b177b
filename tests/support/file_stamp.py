"""Whether a file was rewritten."""

from __future__ import annotations

from pathlib import Path


def stamp(path: Path) -> tuple[int, int]:
    """What changes when a file is written, even if its bytes stay the same."""
    return path.stat().st_ino, path.stat().st_mtime_ns
