"""What every command does at its outer edge: turn exceptions into messages and exit codes.

Progress and remarks go to stderr, so that a report on stdout stays clean in a pipe.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable

from kit.errors import KitError
from kit.i18n import told
from kit.text import label

MINUTE = 60.0
USAGE = 2
INTERRUPTED = 130


def guarded(body: Callable[[], int]) -> int:
    """Run a command's body and return its exit code.

    A `KitError` becomes one line on stderr and exit code 2; Ctrl-C becomes 130; if the reader of a pipe has gone
    (`| head`), the command ends quietly with 0. A character that the terminal can't encode becomes `?`. Any other
    exception is a bug, and shows its traceback.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = body()
        sys.stdout.flush()
    except KitError as error:
        print(label(str(error), 2000), file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print(told("stopped"), file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def positive(word: str) -> int:
    """A whole number of at least 1 from the command line; for anything else `ValueError`, which argparse explains."""
    number = int(word)
    if number < 1:
        raise ValueError
    return number


def terminal_width() -> int:
    """The terminal's width in characters; 1000 if the output goes somewhere else."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() or "COLUMNS" in os.environ else 1000


def say(text: str) -> None:
    """Print a remark to stderr right away."""
    print(told(text), file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """`45 s`, `12 min`."""
    return f"{seconds:.0f} s" if seconds < 2 * MINUTE else f"{seconds / MINUTE:.0f} min"
