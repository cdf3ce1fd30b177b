"""nbstripout --keep-id, for the commit hook: `python scripts/strip_outputs.py NOTEBOOK ...`.

Importing nbstripout takes two seconds, most of them for a grammar of web addresses. jsonschema compiles it if the
package rfc3987_syntax is installed, and does without it otherwise. So we pretend that it isn't.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

if __name__ == "__main__":
    __import__("environment")


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run nbstripout, which must keep the cells' ids."""
    parser = argparse.ArgumentParser(prog="strip_outputs.py", description="Strip notebooks of their outputs.")
    parser.add_argument("notebooks", nargs="+", metavar="NOTEBOOK")
    given = parser.parse_args(argv)
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from nbstripout._nbstripout import main as nbstripout  # type: ignore[import-untyped]

    sys.argv = ["nbstripout", "--keep-id", *given.notebooks]
    nbstripout()
    return 0


if __name__ == "__main__":
    sys.exit(main())
