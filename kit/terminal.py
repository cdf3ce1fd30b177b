"""The edge that every command shares: what a person at a terminal is told, and the exit code.

What goes beside a report goes to stderr, so that the report stays clean in a pipe.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable

from kit.errors import KitError
from kit.text import label

MINUTE = 60.0
USAGE = 2
INTERRUPTED = 130


def guarded(body: Callable[[], int]) -> int:
    """Run a command's body and give back its exit code.

    A `KitError` becomes one sentence on stderr and 2; Ctrl-C becomes 130; a reader that went away (`| head`) ends the
    command quietly with 0. A sign that the terminal does not know becomes `?`. Anything else is a bug and shows its
    traceback.
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
        print("stopped", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def positive(word: str) -> int:
    """A word of the command line as a whole number of at least 1; ValueError, which argparse explains, otherwise."""
    number = int(word)
    if number < 1:
        raise ValueError
    return number


def say(text: str) -> None:
    """Tell what is going on."""
    print(text, file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """`45 s`, `12 min`."""
    return f"{seconds:.0f} s" if seconds < 2 * MINUTE else f"{seconds / MINUTE:.0f} min"
