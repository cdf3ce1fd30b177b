from __future__ import annotations

import os
import subprocess
import sys

import pytest

from kit.errors import KitError
from kit.terminal import guarded


def test_the_code_of_the_body() -> None:
    assert guarded(lambda: 0) == 0
    assert guarded(lambda: 1) == 1


def test_a_kit_error_is_one_line_and_2(capsys: pytest.CaptureFixture[str]) -> None:
    def body() -> int:
        raise KitError("it is\nbroken\x1b[31m", "here", "mend it")

    assert guarded(body) == 2
    seen = capsys.readouterr()
    assert seen.out == ""
    assert seen.err == "here: it is broken. Next: mend it\n"


def test_an_interrupt_is_130() -> None:
    def body() -> int:
        raise KeyboardInterrupt

    assert guarded(body) == 130


def test_a_bug_shows_its_traceback() -> None:
    def body() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        guarded(body)


def test_a_reader_that_goes_away_is_no_error() -> None:
    code = "from kit.terminal import guarded\ndef body():\n    print('x' * 10**6)\n    return 0\n"
    code += "raise SystemExit(guarded(body))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_a_terminal_that_knows_few_signs() -> None:
    code = "from kit.terminal import guarded\nraise SystemExit(guarded(lambda: print('\u2588 ok') or 0))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=os.environ | {"PYTHONIOENCODING": "ascii"}, check=False
    )
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, [b"?", b"ok"], b"")
