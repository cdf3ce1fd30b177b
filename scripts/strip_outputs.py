"""nbstripout --keep-id, for the commit hook: `python scripts/strip_outputs.py NOTEBOOK ...`.

What nbstripout imports would compile a grammar of web addresses that no notebook here needs, which takes two seconds;
jsonschema does without it where it is not installed, and so it is made to look.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments, then run nbstripout with ids kept."""
    parser = argparse.ArgumentParser(
        prog="strip_outputs.py", description="Remove the outputs from notebooks. The commit hook runs this."
    )
    parser.add_argument("notebooks", nargs="+", metavar="NOTEBOOK", help="notebooks to strip in place")
    given = parser.parse_args(argv)
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from nbstripout._nbstripout import main as strip  # type: ignore[import-untyped]

    sys.argv = ["nbstripout", "--keep-id", *given.notebooks]
    strip()
    return 0


if __name__ == "__main__":
    sys.exit(main())
