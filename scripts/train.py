"""Train a model: `python scripts/train.py [--mine] [--data FILE] [--steps N] ...`. Ctrl+C keeps the best so far."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.i18n import noted, told
from kit.model.training.device import DEVICES
from kit.model.training.saved_model import FOLDER
from kit.terminal import guarded, positive


def run(mine: bool, data: Path | None, config: str, steps: int | None, device: str, seed: int | None, out: Path) -> int:
    """Train, save the model, and say how good it is."""
    from kit.learner.told import use_language_here
    from kit.model.training import saved_model, text, train
    from kit.model.training.device import choose_device
    from kit.model.training.recipes import recipes
    from workshop.live import Live
    from workshop.training_status import clock

    use_language_here()
    source = str(data or "the course's plays")
    saved_model.require_place(out)
    chosen = choose_device(device)
    name = "chapter" if mine and config == "default" else config
    recipe = recipes()[name].changed(steps, seed)
    corpus = text.read_text(data)
    text.require_length(corpus, recipe.config.input_sequence_length, source)
    if mine:
        from workshop import card
        from workshop import mine as classes

        classes.table()
        recipe = recipe.with_classes(classes)
    training = train.prepare(recipe, corpus, chosen)
    print(training.describe(), flush=True)
    trained: tuple[saved_model.SavedModel, float] | None = None
    try:
        with Live(training.sample, evaluate=training.trainer.evaluate) as watch:
            trained = train.train(training, watch)
    except KeyboardInterrupt:  # a second one, while the last sample is being written
        if trained is None:
            raise
    saved, seconds = trained
    with train.ignore_interrupts():
        about = card.trained(training, saved, seconds, data.name if data else source) if mine else ""
        older = saved_model.save(out, saved, about)
    loss = noted("not computed") if saved.validation_loss is None else f"{saved.validation_loss:.3f}"
    print(told(f"loss on the whole validation text: {loss}; trained for {clock(seconds)}"))
    print(told(f"saved in {out}" + (f"; the model that was there is now in {older}" if older else "")))
    for line in [*([f"its card: {out / saved_model.CARD}"] if about else ()), f"Next: python scripts/sample.py {out}"]:
        print(told(line))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="train.py", description="Train a model and save it. Ctrl+C stops early and saves the best model so far."
    )
    parser.add_argument(
        "--mine",
        action="store_true",
        help="use your own classes, where they pass, train as chapter 12 does, and write a card for the model",
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
    steps_help = "number of training steps, one batch each (default: as --config says)"
    parser.add_argument("--steps", type=positive, metavar="N", help=steps_help)
    parser.add_argument("--device", choices=DEVICES, default="auto", help="(default: auto, a GPU if there is one)")
    parser.add_argument("--seed", type=int, metavar="N", help="random seed (default: 1337)")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="FOLDER", help=f"where to save (default: {FOLDER})")
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.mine, given.data, given.config, given.steps, given.device, given.seed, given.out))


if __name__ == "__main__":
    sys.exit(main())
