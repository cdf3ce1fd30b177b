"""The text to learn from: the course's plays, or any file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kit.errors import KitError
from kit.files import reason

OTHER_FILE = "give another file with --data, or leave it out for the course's plays"


def read_text(path: Path | None) -> str:
    """The text of a UTF-8 file, with plain line endings (`\\n`); without a path, the course's plays.

    Raises:
        KitError: the file is missing, empty, not UTF-8, or can't be read.
    """
    if path is None:
        from kit.course import corpus

        return corpus.shakespeare()
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise KitError("no such file", str(path), OTHER_FILE) from None
    except OSError as error:
        raise KitError(f"can't read this: {reason(error)}", str(path), OTHER_FILE) from error
    except UnicodeDecodeError as error:
        raise KitError(
            f"this isn't UTF-8 text: byte {error.start + 1} is invalid",
            str(path),
            "save it as UTF-8, or give another file with --data",
        ) from None
    if not text:
        raise KitError("this file is empty", str(path), OTHER_FILE)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def require_length(text: str, sequence: int, source: str) -> None:
    """Make sure that a text is long enough to train on windows of `sequence` characters.

    A tenth of it is kept for validation, and that must be longer than one window.

    Raises:
        KitError: it's too short; `source` says which text.
    """
    needed = 10 * sequence + 1
    if len(text) < needed:
        raise KitError(
            f"too short: {len(text)} characters. A tenth is kept for validation and must be longer than a window of "
            f"{sequence}, so you need at least {needed}",
            source,
            OTHER_FILE,
        )


def digest(text: str) -> str:
    """What tells one text from another."""
    return hashlib.sha256(text.encode()).hexdigest()
