"""Train a model: `python scripts/train.py [--mine] [--data FILE] [--steps N] ...`. Ctrl+C keeps the best so far."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    __import__("environment")

from kit.model.training.device import DEVICES
from kit.model.training.saved_model import FOLDER
from kit.terminal import guarded, positive


def run(**given: Any) -> int:
    """Train, save the model, and say how good it is."""
    from kit.learner.told import use_language_here
    from workshop import session

    use_language_here()
    session.run(session.Options(**given))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="train.py", description="Train a model and save it. Ctrl+C stops early and saves the best model so far."
    )
    parser.add_argument(
        "--mine",
        action="store_true",
        help="use your own classes, where they pass, and write a card for the model",
    )
    parser.add_argument(
        "--data", type=Path, metavar="FILE", help="a UTF-8 text to learn from (default: the course's plays)"
    )
    parser.add_argument(
        "--config",
        choices=["small", "seed", "default", "large"],
        help="small: seconds, writes babble; seed: the chapters' classes at a constant learning rate, minutes; "
        "default: reaches a low loss soonest; large: 10 million parameters, for a GPU",
    )
    steps_help = "number of training steps, one batch each (default: as --config says)"
    parser.add_argument("--steps", type=positive, metavar="N", help=steps_help)
    parser.add_argument("--device", choices=DEVICES, default="auto", help="(default: auto, a GPU if there is one)")
    parser.add_argument("--seed", type=int, metavar="N", help="random seed (default: 1337)")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="FOLDER", help=f"where to save (default: {FOLDER})")
    parser.add_argument(
        "--checkpoint-every",
        type=positive,
        metavar="N",
        help="write a checkpoint after every N steps, beside the model (default: as --config says)",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on from the last checkpoint, with the settings it began with"
    )
    parser.add_argument("--log-file", type=Path, metavar="FILE", help="add the run's numbers to a file, as JSON lines")
    parser.add_argument(
        "--tensorboard", type=Path, metavar="FOLDER", help="write them for TensorBoard, if that's installed"
    )
    given = vars(parser.parse_args(argv))
    return guarded(lambda: run(**given))


if __name__ == "__main__":
    sys.exit(main())
