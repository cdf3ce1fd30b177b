"""Let a trained model write or answer: `python scripts/sample.py [FOLDER] [PROMPT] [--chat] [--temperature T] ...`."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    __import__("environment")

from kit.model.training.saved_model import FOLDER
from kit.terminal import INTERRUPTED, guarded, positive


def run(folder: Path, prompt: str, length: int, temperature: float, top_k: int | None, seed: int | None) -> int:
    """Print the prompt, then each character as the model writes it."""
    from itertools import islice

    import torch

    from kit.model.training.sampling import encode, sample
    from kit.model.training.saved_model import load

    torch.set_num_threads(1)  # with so little work two would wait for each other
    saved = load(folder)
    ids = sample(saved.model(), encode(prompt, saved.characters), temperature, top_k, seed)
    try:
        print(prompt, end="", flush=True)
        for character_id in islice(ids, length):
            print(saved.characters[character_id], end="", flush=True)
    except KeyboardInterrupt:
        print()
        return INTERRUPTED
    print()
    return 0


def chat(folder: Path, said: str, temperature: float, top_k: int | None, seed: int | None) -> int:
    """Answer what was `said`, if anything, and then what's typed, line by line."""
    import torch

    from kit.model.training.chat import converse, find

    torch.set_num_threads(1)  # as above
    converse(find(folder), [said] if said else [], temperature, top_k, seed)
    return 0


def temperature(word: str) -> float:
    """A word of the command line as a number of at least 0; otherwise `ValueError`, which argparse explains."""
    number = float(word)
    if not 0 <= number < math.inf:
        raise ValueError
    return number


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="sample.py", description="Let a trained model write, one character at a time. Ctrl+C stops it."
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, default=FOLDER, metavar="FOLDER", help=f"the model (default: {FOLDER})"
    )
    parser.add_argument("prompt", nargs="?", default="", metavar="PROMPT", help='how the text starts, such as "ROMEO:"')
    parser.add_argument(
        "--chat", action="store_true", help="answer what you type, until an empty line; chapter 13 teaches a model that"
    )
    parser.add_argument(
        "--length", type=positive, default=500, metavar="N", help="number of characters to write (default: 500)"
    )
    parser.add_argument(
        "--temperature",
        type=temperature,
        default=1.0,
        metavar="T",
        help="below 1: play it safe; 0: always take the likeliest (default: 1)",
    )
    parser.add_argument(
        "--top-k", type=positive, metavar="K", help="choose only among the K likeliest characters (default: all)"
    )
    parser.add_argument(
        "--seed", type=int, metavar="N", help="random seed; the same seed writes the same text (default: random)"
    )
    given = parser.parse_args(argv)
    if given.chat:
        return guarded(lambda: chat(given.folder, given.prompt, given.temperature, given.top_k, given.seed))
    return guarded(lambda: run(given.folder, given.prompt, given.length, given.temperature, given.top_k, given.seed))


if __name__ == "__main__":
    sys.exit(main())
