"""What each script imports first: from here on its process has this folder's kit and the workshop's environment.

    python3 scripts/doctor.py  -->  .venv/bin/python scripts/doctor.py  the same process, if that Python lacks packages
                               -->  make setup                          one line, if there's no environment

So it doesn't matter which Python starts a script, or where the folder has been moved since. Only the standard library
is used, and no syntax newer than Python 3.8, so that an older Python gets as far as that line.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("WORKSHOP_VENV") or ROOT / ".venv")
OLDEST = (3, 11)
NEEDED = ("jupytext", "pygit2")  # `make setup` installs everything, so two packages tell
RESTARTED = "WORKSHOP_RESTARTED"  # set while a script starts again, so that it does so once

# What pip writes at the top of a command; the second form is for paths that are long or have spaces.
SHEBANG = re.compile(rb"#!(?:/bin/sh\n'''exec' )?\"?/[^\n]*/\.venv/bin/python[\d.]*(?:\" \"\$0\" \"\$@\"\n' ''')?\n")
RELATIVE = b"""#!/bin/sh
'''exec' "$(dirname "$(readlink -f "$0" 2>/dev/null || echo "$0")")/python" "$0" "$@"
' '''
"""


def enter() -> None:
    """Make this process one that has the kit of this folder, and its packages.

    Raises:
        SystemExit: with 2, after one line, where no environment has them.
    """
    sys.path.insert(0, str(ROOT))
    restarted = os.environ.pop(RESTARTED, "")
    if was_moved():
        import subprocess

        subprocess.call(["sh", str(ROOT / "scripts" / "setup.sh"), "--moved"], stdout=sys.stderr)
    if sys.version_info >= OLDEST and all(find_spec(name) for name in NEEDED):
        return
    python = str(VENV / "bin" / "python")
    if not restarted and os.access(python, os.X_OK):
        os.environ[RESTARTED] = "1"
        with suppress(OSError):  # it was made for another kind of machine
            os.execv(python, [python, *sys.argv])
    command = "make setup" if Path.cwd() == ROOT else f"make -C {shlex.quote(str(ROOT))} setup"
    print(f"{sys.executable}: the workshop's packages aren't installed. Next: {command}", file=sys.stderr)
    sys.exit(2)


def was_moved() -> bool:
    """Whether the folder has been moved or copied since it was set up. A .venv that is a link is left alone."""
    if VENV.resolve() != ROOT / ".venv":
        return False
    try:
        made_in = (VENV / "setup-done").read_text(encoding="utf-8").split("\n")[0][len("folder ") :]
    except (OSError, ValueError):
        return False
    return not (os.path.exists(made_in) and os.path.samefile(made_in, str(ROOT)))


def make_relative(commands: Path) -> None:
    """Have the commands in a folder start the Python beside them, wherever that folder is moved."""
    for path in sorted(commands.iterdir()):
        if path.is_file() and not path.is_symlink():
            text = path.read_bytes()
            found = SHEBANG.match(text)
            if found:
                path.write_bytes(RELATIVE + text[found.end() :])


if __name__ == "__main__":  # scripts/setup.sh runs it
    make_relative(VENV / "bin")
else:
    enter()
