"""Let a trained model speak: `python scripts/sample.py [FOLDER] [PROMPT] [--temperature T] [--top-k K] ...`."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.model.training.saved_model import FOLDER
from kit.terminal import INTERRUPTED, guarded, positive


def run(folder: Path, prompt: str, length: int, temperature: float, top_k: int | None, seed: int | None) -> int:
    """Print the prompt and, as they come, the characters after it."""
    from itertools import islice

    from kit.model.training import saved_model
    from kit.model.training.sampling import continuation, encode

    found = saved_model.load(folder)
    ids = encode(prompt, found.characters)
    stream = continuation(found.model(), ids, temperature, top_k, seed)
    try:
        print(prompt, end="", flush=True)
        for number in islice(stream, length):
            print(found.characters[number], end="", flush=True)
    except KeyboardInterrupt:
        print()
        return INTERRUPTED
    print()
    return 0


def warmth(word: str) -> float:
    """A number from 0 up."""
    number = float(word)
    if not 0 <= number < math.inf:
        raise ValueError
    return number


def main(argv: Sequence[str] | None = None) -> int:
    """The command line's door."""
    parser = argparse.ArgumentParser(
        prog="sample.py", description="Let a trained model continue a text, character by character. Ctrl+C ends it."
    )
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, metavar="FOLDER", help=f"a model ({FOLDER})")
    parser.add_argument("prompt", nargs="?", default="", metavar="PROMPT", help='how the text begins, such as "ROMEO:"')
    parser.add_argument("--length", type=positive, default=500, metavar="N", help="characters to write (500)")
    parser.add_argument(
        "--temperature", type=warmth, default=1.0, metavar="T", help="below 1 more cautious, 0 always the likeliest (1)"
    )
    parser.add_argument("--top-k", type=positive, metavar="K", help="draw from the K likeliest characters only")
    parser.add_argument("--seed", type=int, metavar="N", help="the same number, the same text")
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.folder, given.prompt, given.length, given.temperature, given.top_k, given.seed))


if __name__ == "__main__":
    sys.exit(main())
