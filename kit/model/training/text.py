"""The text to learn from: the course's plays, or any file."""

from __future__ import annotations

from pathlib import Path

from kit.errors import KitError

ANOTHER = "give another file with --data, or leave it out for the course's plays"


def read_text(path: Path | None) -> str:
    """The text of a UTF-8 file, with its line ends as `\\n`; without a path the course's own.

    Raises:
        KitError: the file is missing, cannot be read, is empty, or is not UTF-8.
    """
    if path is None:
        from kit.course import corpus

        return corpus.shakespeare()
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise KitError("there is no such file", str(path), ANOTHER) from None
    except OSError as error:
        raise KitError(f"this cannot be read, {error.strerror or type(error).__name__}", str(path), ANOTHER) from error
    except UnicodeDecodeError as error:
        raise KitError(
            f"this is not UTF-8 text: byte {error.start + 1} is no part of a character",
            str(path),
            "save it as UTF-8, or give another file with --data",
        ) from None
    if not text:
        raise KitError("this file is empty", str(path), ANOTHER)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def require_length(text: str, sequence: int, source: str) -> None:
    """Make sure that both parts of a text, nine tenths and one, are longer than a window of `sequence` characters.

    Raises:
        KitError: it is too short; the tenth is what decides.
    """
    needed = 10 * sequence + 1
    if len(text) < needed:
        raise KitError(
            f"{len(text)} characters are too few: a tenth of them is kept for validation and must be longer than a "
            f"window of {sequence}, which takes {needed}",
            source,
            ANOTHER,
        )
