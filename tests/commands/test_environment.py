"""scripts/environment.py, which every script imports first: the real one, in a small folder with an environment."""

from __future__ import annotations

import ast
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(path for path in (ROOT / "scripts").glob("*.py") if path.name != "environment.py")
LACKING = [sys.executable, "-S", "-E"]  # a Python without any packages
ECHO = """
from __future__ import annotations

import sys

if __name__ == "__main__":
    __import__("environment")

from kit import name

print(sys.executable, name, sys.argv[1:], sys.stdin.read())
print(*sorted(set(__import__("os").environ) & {"WORKSHOP_RESTARTED"}), flush=True)
sys.exit(7)
"""
ONE_LINE = "{}: the workshop's packages aren't installed. Next: {}\n"
ENTERING = ast.unparse(ast.parse('if __name__ == "__main__":\n    __import__("environment")'))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A course's folder with a script that echoes, and an environment like the one that these tests run in."""
    root = tmp_path / "my course"
    for name in ("scripts", "kit", ".venv/bin"):
        (root / name).mkdir(parents=True)
    for name in ("environment.py", "setup.sh"):
        shutil.copy(ROOT / "scripts" / name, root / "scripts" / name)
    (root / "scripts/echo.py").write_text(ECHO)
    (root / "kit/__init__.py").write_text("name = 'this kit'")
    python(root, f'exec "{sys.executable}" "$@"')
    return root


def python(root: Path, does: str) -> None:
    """Give a folder an environment whose Python does this."""
    path = root / ".venv/bin/python"
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)


def run(*words: str | Path, cwd: Path | None = None, stdin: str = "") -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "WORKSHOP_VENV"}}
    return subprocess.run(words, cwd=cwd, env=env, input=stdin, text=True, capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize("path", SCRIPTS, ids=[path.stem for path in SCRIPTS])
def test_every_script_enters_the_environment_first_and_any_python_reads_it(path: Path) -> None:
    lines = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8)).body
    at = [ast.unparse(line) for line in lines].index(ENTERING)
    for line in lines[1:at]:  # the first is the docstring
        assert isinstance(line, ast.Import | ast.ImportFrom), ast.unparse(line)
        names = [line.module or ""] if isinstance(line, ast.ImportFrom) else [name.name for name in line.names]
        assert {name.split(".")[0] for name in names} <= set(sys.stdlib_module_names)


def test_any_python_reads_the_environment() -> None:
    ast.parse((ROOT / "scripts/environment.py").read_text(encoding="utf-8"), feature_version=(3, 8))


def test_a_script_starts_again_with_the_environments_python(folder: Path, tmp_path: Path) -> None:
    got = run(*LACKING, folder / "scripts/echo.py", "01", "two words", cwd=tmp_path, stdin="typed")
    assert (got.stderr, got.returncode) == ("", 7)
    assert got.stdout == f"{sys.executable} this kit ['01', 'two words'] typed\n\n"


def test_a_python_that_has_the_packages_goes_on_with_the_kit_of_this_folder(folder: Path) -> None:
    python(folder, "echo never; exit 1")
    assert run(sys.executable, folder / "scripts/echo.py").stdout.startswith(f"{sys.executable} this kit")


@pytest.mark.parametrize("harm", ["none", "lacking", "of another machine"])
def test_without_an_environment_there_is_one_line(folder: Path, tmp_path: Path, harm: str) -> None:
    if harm == "none":
        shutil.rmtree(folder / ".venv")
    elif harm == "lacking":
        python(folder, f'exec "{sys.executable}" -S -E "$@"')
    else:
        (folder / ".venv/bin/python").write_bytes(b"\x7fELF and not for here")
    for cwd, command in ((folder, "make setup"), (tmp_path, f"make -C '{folder}' setup")):
        got = run(*LACKING, folder / "scripts/echo.py", cwd=cwd)
        assert (got.stdout, got.stderr, got.returncode) == ("", ONE_LINE.format(sys.executable, command), 2)


def test_ctrl_c_reaches_the_script_that_started_again(folder: Path) -> None:
    (folder / "scripts/wait.py").write_text(ECHO.replace("sys.exit(7)", "__import__('time').sleep(60)"))
    words = [*LACKING, str(folder / "scripts/wait.py")]
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(words, stdin=nowhere, stdout=subprocess.PIPE, stderr=nowhere, bufsize=0) as running:
        assert running.stdout and running.stdout.read(1)
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=30) == -signal.SIGINT


# --- a folder that was moved -----------------------------------------------------------------------------------


def test_a_moved_folder_is_mended_once(folder: Path, tmp_path: Path) -> None:
    python(folder, f'case "$1" in -m) echo "$@" >>"{tmp_path}/calls";; *) exec "{sys.executable}" "$@";; esac')
    (folder / ".venv/setup-done").write_text(f"folder {folder}\ntorch as pinned\n")
    assert run(*LACKING, folder / "scripts/echo.py").stderr == ""
    moved = folder.rename(tmp_path / "elsewhere")
    for _ in range(2):
        assert run(*LACKING, moved / "scripts/echo.py").stdout.startswith(f"{sys.executable} this kit")
        assert (tmp_path / "calls").read_text() == f"-m venv --without-pip {moved}/.venv\n"
        assert (moved / ".venv/setup-done").read_text() == f"folder {moved}\ntorch as pinned\n"


@pytest.mark.parametrize("shebang", ["#!{}\n", "#!/bin/sh\n'''exec' \"{}\" \"$0\" \"$@\"\n' '''\n"])
def test_a_moved_environments_commands_start_the_python_beside_them(folder: Path, shebang: str) -> None:
    hello, other = folder / ".venv/bin/hello", folder / ".venv/bin/other"
    hello.write_text(shebang.format("/before/my course/.venv/bin/python3.12") + "import sys\nprint(sys.argv[1:])\n")
    hello.chmod(0o755)
    other.write_text("#!/usr/bin/env node\n")
    for _ in range(2):
        assert run(sys.executable, folder / "scripts/environment.py").returncode == 0
        assert (other.read_text(), os.access(hello, os.X_OK)) == ("#!/usr/bin/env node\n", True)
    moved = folder.rename(folder.with_name("else where")) / ".venv/bin/hello"
    (folder.parent / "link").symlink_to(moved)
    for command in (moved, folder.parent / "link"):
        assert run(command, "a b").stdout == "['a b']\n"
