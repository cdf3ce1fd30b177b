"""Pack the workshop's VS Code extension: `python scripts/vsix.py [FILE] [--install]`; the same bytes each time.

VS Code offers the folder .vscode/extensions/workshop by itself, and asks. A Dev Container or Codespace installs this
package, so that nobody is asked there.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    __import__("environment")

from kit.errors import KitError
from kit.files import ROOT
from kit.learner.extension import SOURCE, named, pack
from kit.terminal import guarded


def run(target: Path, install: bool) -> int:
    """Pack, and hand the package to the editor."""
    pack(SOURCE, target)
    print(target)
    if not install:
        return 0
    editor = shutil.which("code") or shutil.which("code-server")
    if editor is None:
        raise KitError("there's no command `code` here", "", f"in VS Code: Extensions: Install from VSIX, {target}")
    installed = subprocess.run([editor, "--list-extensions", "--show-versions"], capture_output=True, text=True).stdout
    if named(SOURCE) in installed.split():
        return 0
    return subprocess.run([editor, "--install-extension", str(target)]).returncode


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(prog="vsix.py", description="Pack the workshop's VS Code extension.")
    parser.add_argument("file", nargs="?", type=Path, default=ROOT / "build" / "workshop.vsix", metavar="FILE")
    parser.add_argument("--install", action="store_true", help="then hand it to VS Code's command `code`")
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.file, given.install))


if __name__ == "__main__":
    sys.exit(main())
