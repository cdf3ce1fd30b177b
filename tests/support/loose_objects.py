"""Git's loose objects, which may lie about themselves."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path


def loose(path: Path, kind: str, claimed: int, data: bytes, oid: str = "") -> str:
    """Write a loose object whose header claims a size, and return its id, true or not."""
    raw = f"{kind} {claimed}".encode() + b"\0" + data
    oid = oid or hashlib.sha1(raw).hexdigest()
    folder = path / "objects" / oid[:2]
    folder.mkdir(exist_ok=True)
    (folder / oid[2:]).write_bytes(zlib.compress(raw))
    return oid
