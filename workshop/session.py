"""A training from the command line: planned, watched, kept in checkpoints, saved, and resumed where it ended.

Options -> Plan -> TrainingRun -> a folder with the model
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch

from kit import files
from kit.i18n import noted, told
from kit.model.training import checkpoint, processes, saved_model, text
from kit.model.training.checkpoint import Checkpoint
from kit.model.training.device import choose_device
from kit.model.training.plan import Plan
from kit.model.training.processes import Processes
from kit.model.training.recipes import recipes
from kit.model.training.resume import Checkpoints
from kit.model.training.run_log import RunLogs
from kit.model.training.saved_model import SavedModel
from kit.model.training.train import TrainingRun, ignore_interrupts, prepare, train
from nanogpt import Report
from workshop import card
from workshop import mine as classes
from workshop.live import Live
from workshop.training_status import clock

PLAYS = "the course's plays"
KEPT = ("mine", "data", "config", "steps", "seed")  # options that a resumed training takes from its checkpoint


@dataclass(frozen=True)
class Options:
    """What the command line asks for. None and False: it doesn't."""

    out: Path
    mine: bool = False
    data: Path | None = None
    config: str | None = None
    steps: int | None = None
    seed: int | None = None
    device: str = "auto"
    checkpoint_every: int | None = None
    resume: bool = False
    log_file: Path | None = None
    tensorboard: Path | None = None


def run(options: Options) -> None:
    """Train a model and save it, and say how good it is. All processes that torchrun started do, and the first saves.

    Raises:
        KitError: it can't be trained, or not as asked.
    """
    together = processes.found()
    device = together.device(choose_device(options.device))
    path = checkpoint.place(options.out)
    anew, again = together.command, f"{together.command} --resume --out {options.out}"
    with together.joined(device, lambda: again if path.exists() else anew):
        train_and_save(options, device, together)


def train_and_save(options: Options, device: torch.device, together: Processes) -> None:
    """Train a model and save it, in the company of other processes.

    Raises:
        KitError: it can't be trained, or not as asked.
    """
    saved_model.require_place(options.out)
    path = checkpoint.place(options.out)
    begun = checkpoint.load(path, "leave --resume out to begin one") if options.resume else None
    corpus, plan = continued(options, begun.plan, path, together) if begun else planned(options, together)
    recipe = replace(recipes()[plan.recipe], config=plan.config)
    if plan.mine:
        classes.table()
        recipe = recipe.with_classes(classes)
    training = prepare(recipe, corpus, device, together, plan.execution)
    plan = replace(plan, execution=training.execution)
    every = recipe.checkpoint_every if options.checkpoint_every is None else options.checkpoint_every
    with RunLogs(options.log_file, options.tensorboard) if together.first else RunLogs(None, None) as logs:
        print(training.describe(), flush=True)
        if every and not begun and together.first and (older := checkpoint.move_aside(path)):
            print(told(f"the unfinished training that was there is now in {older}"), flush=True)
        logs.begin(plan, begun.step if begun else 0)
        keep = Checkpoints(training, plan, every if together.first else 0, partial(checkpoint.save, path), begun)
        saved, seconds, over = watched(training, keep, logs, begun)
        if not together.first:
            return
        with ignore_interrupts():
            save(training, plan, options.out, saved, seconds)
            logs.end(saved.validation_loss, seconds)
            if over and keep.step:
                files.remove(path, path.parent)
    if keep.step and not over:
        print(told(f"To go on from step {keep.step}: {together.command} --resume --out {options.out}"))
    print(told(f"Next: python scripts/sample.py {options.out}"))


def planned(options: Options, together: Processes) -> tuple[str, Plan]:
    """The text of a new training, and its plan."""
    name = options.config or ("mine" if options.mine else "default")
    config = recipes()[name].changed(options.steps, options.seed).config
    corpus = text.read_text(options.data)
    text.require_length(corpus, config.input_sequence_length, str(options.data or PLAYS))
    data = str(options.data or "")
    return corpus, Plan(name, config, options.mine, data, text.digest(corpus), together.count)


def continued(options: Options, plan: Plan, path: Path, together: Processes) -> tuple[str, Plan]:
    """The text of a training that began earlier, and its plan."""
    plan.require_options({f"--{name}": getattr(options, name) for name in KEPT}, str(path))
    plan.require_processes(together.count, str(path))
    corpus = text.read_text(Path(plan.data) if plan.data else None)
    plan.require_text(text.digest(corpus), plan.data or PLAYS)
    return corpus, plan


def watched(
    training: TrainingRun, keep: Checkpoints, logs: RunLogs, begun: Checkpoint | None
) -> tuple[SavedModel, float, bool]:
    """Train, and let whoever wants to know about each step. Returns the model, the seconds, and whether it's over."""
    trainer, earlier = training.trainer, begun.seconds if begun else 0.0
    trained: SavedModel | None = None
    try:
        with Live(training.sample, evaluate=None if begun else trainer.evaluate, earlier=earlier) as live:
            began = time.perf_counter() - earlier

            def watch(report: Report) -> None:
                seconds = time.perf_counter() - began
                if begun and report.step <= begun.step:
                    live.record(report)
                    return
                keep(report, seconds)
                logs.step(report, trainer.learning_rate(report.step), seconds)
                live(report)

            trained, seconds = train(training, watch, begun)
    except KeyboardInterrupt:  # a second one, while the last sample is being written
        if trained is None:
            raise
    return trained, seconds, live.status.over


def save(training: TrainingRun, plan: Plan, out: Path, saved: SavedModel, seconds: float) -> None:
    """Save the model, with its card if it's the learner's, and say what's where."""
    source = Path(plan.data).name if plan.data else PLAYS
    about = card.trained(training, saved, seconds, source) if plan.mine else ""
    older = saved_model.save(out, saved, about)
    loss = noted("not computed") if saved.validation_loss is None else f"{saved.validation_loss:.3f}"
    print(told(f"loss on the whole validation text: {loss}; trained for {clock(seconds)}"))
    print(told(f"saved in {out}" + (f"; the model that was there is now in {older}" if older else "")))
    if about:
        print(told(f"its card: {out / saved_model.CARD}"))
