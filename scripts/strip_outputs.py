"""nbstripout, for the commit hook: `python scripts/strip_outputs.py --keep-id NOTEBOOK ...`.

Importing nbstripout takes two seconds, most of them for a grammar of web addresses. jsonschema compiles it if the
package rfc3987_syntax is installed, and does without it otherwise. So we pretend that it isn't.
"""

from __future__ import annotations

import sys


def main() -> None:
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    from nbstripout._nbstripout import main as nbstripout  # type: ignore[import-untyped]

    nbstripout()


if __name__ == "__main__":
    main()
