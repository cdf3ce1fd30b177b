"""Draw the tensor map, with the shapes you have noted: `python scripts/tensor_map.py [--config small]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    __import__("environment")

from kit.terminal import guarded

SIZES = {
    "batch": "windows in a batch",
    "sequence": "characters in a window",
    "width": "numbers for each character",
    "heads": "attention heads in a block",
    "layers": "blocks",
    "hidden": "numbers in the middle of the feed-forward layer",
    "vocab": "characters in the vocabulary",
}


def run(config: str, sizes: dict[str, int | None], language: str, finished: bool, outputs: list[Path]) -> int:
    """Draw the map; print where it was written, and which chapters couldn't be read."""
    from kit.course.course import Course, find_root
    from kit.learner.language import chosen
    from kit.model.tensor_map.draw import draw_map

    course = Course(find_root(Path.cwd()))
    for line in draw_map(course, config, sizes, chosen(course, language), finished, outputs):
        print(line)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="tensor_map.py",
        description="Draw every tensor of the model, with the shapes you have noted in your chapters.",
    )
    parser.add_argument(
        "--config",
        choices=["small", "default"],
        default="default",
        help="the settings to start from; each size below replaces one of them",
    )
    for name, meaning in SIZES.items():
        parser.add_argument(f"--{name}", type=int, metavar="N", help=meaning)
    parser.add_argument("--lang", default="", metavar="LANG", help="language of your files (default: the one you use)")
    parser.add_argument("--finished", action="store_true", help="show every shape, whatever your chapters say")
    parser.add_argument(
        "--output",
        action="append",
        type=Path,
        metavar="FILE",
        help="an .svg or .png; may be repeated (default: both, in build/)",
    )
    given = parser.parse_args(argv)
    sizes = {name: getattr(given, name) for name in SIZES}
    return guarded(lambda: run(given.config, sizes, given.lang, given.finished, given.output or []))


if __name__ == "__main__":
    sys.exit(main())
