"""Train a model: `python scripts/train.py [--mine] [--data FILE] [--steps N] ...`. Ctrl+C keeps the best so far."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.model.training.saved_model import FOLDER
from kit.terminal import guarded, positive


def run(mine: bool, data: Path | None, config: str, steps: int | None, device: str, seed: int | None, out: Path) -> int:
    """Train, say what came out, save it."""
    from kit.model.training import device as devices
    from kit.model.training import saved_model, text, train
    from kit.model.training.recipes import recipes
    from workshop.live import Live, clock

    saved_model.require_place(out)
    place = devices.choose(device)
    name = "chapter" if mine and config == "default" else config
    recipe = recipes()[name].changed(steps, seed)
    words = text.read_text(data)
    text.require_length(words, recipe.config.input_sequence_length, str(data or "the course's plays"))
    if mine:
        from workshop import mine as classes

        classes.table()
        recipe = recipe.with_classes(classes)
    ready = train.prepare(recipe, words, place)
    print(train.described(ready), flush=True)
    trained: train.Trained | None = None
    try:
        with Live(ready.speak) as watch:
            trained = train.train(ready, watch)
    except KeyboardInterrupt:  # once more, while the last sample is drawn
        if trained is None:
            raise
    with train.undisturbed():
        aside = saved_model.save(out, trained.saved)
    loss = "not computed" if trained.validation_loss is None else f"{trained.validation_loss:.3f}"
    print(f"validation loss {loss} over the whole validation text, {clock(trained.seconds)}")
    print(f"saved in {out}" + (f"; what was there is now in {aside}" if aside else ""))
    print(f"Next: python scripts/sample.py {out}")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="train.py", description="Train a model and save it. Ctrl+C stops early and saves the best model so far."
    )
    parser.add_argument(
        "--mine", action="store_true", help="use your own classes, where they pass, and train as chapter 12 does"
    )
    parser.add_argument(
        "--data", type=Path, metavar="FILE", help="a UTF-8 text to learn from (default: the course's plays)"
    )
    parser.add_argument(
        "--config",
        choices=["small", "seed", "default"],
        default="default",
        help="small: seconds, writes babble; seed: the chapters' classes at a constant learning rate, minutes; "
        "default: reaches a low loss soonest",
    )
    parser.add_argument(
        "--steps",
        type=positive,
        metavar="N",
        help="number of training steps, one batch each (default: as --config says)",
    )
    parser.add_argument(
        "--device",
        choices=["auto", "cpu", "cuda", "mps"],
        default="auto",
        help="(default: auto, a GPU if there is one)",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="random seed (default: 1337)")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="FOLDER", help=f"where to save (default: {FOLDER})")
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.mine, given.data, given.config, given.steps, given.device, given.seed, given.out))


if __name__ == "__main__":
    sys.exit(main())
