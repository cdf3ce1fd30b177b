"""Whether a training that was killed goes on as if it hadn't been, and whether two processes learn as one."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from benchmarks import Row
from kit.model.training.recipes import recipes
from kit.model.training.train import prepare, train
from nanogpt import Report

ROOT = Path(__file__).parent.parent
STEPS, EVERY, KILLED = 60, 10, 25
TOLERANCE = 1e-4  # between the losses of two processes and of one with a batch twice as large


def steps(log: Path) -> list[dict[str, Any]]:
    """The lines of a log that are about steps, in their order."""
    text = log.read_text(encoding="utf-8") if log.exists() else ""
    return [line for line in map(json.loads, text.split("\n")[:-1]) if "step" in line]


def losses(log: Path) -> dict[int, tuple[float, float | None]]:
    """Training loss and, after an exam, validation loss of each step; of a step that came twice, the second time."""
    return {line["step"]: (line["training_loss"], line.get("validation_loss")) for line in steps(log)}


def command(folder: Path, name: str, *options: object) -> list[str]:
    """A `train.py` whose log and model are in a folder, under a name."""
    kept = ("--log-file", folder / f"{name}.jsonl", "--out", folder / name)
    return [sys.executable, *map(str, ("scripts/train.py", *kept, "--device", "cpu", *options))]


def finish(arguments: list[str]) -> None:
    """Run a command to its end."""
    subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True)


def resumed_row() -> Row:
    """`train.py --config seed`, with dropout, killed between two checkpoints, beside one that wasn't."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        options = ("--config", "seed", "--steps", STEPS, "--checkpoint-every", EVERY)
        finish(command(folder, "whole", *options))
        killed = subprocess.Popen(
            command(folder, "killed", *options), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while killed.poll() is None and len(steps(folder / "killed.jsonl")) < KILLED:
            time.sleep(0.01)
        killed.kill()
        killed.wait()
        before = len(steps(folder / "killed.jsonl"))
        finish(command(folder, "killed", "--resume"))
        whole, again = losses(folder / "whole.jsonl"), losses(folder / "killed.jsonl")
        weights = [(folder / name / "model.safetensors").read_bytes() for name in ("whole", "killed")]
    same = sum(whole[step] == again.get(step) for step in whole)
    return Row(
        "train.py --resume after kill -9",
        f"{same} of {STEPS} losses the same to the last bit",
        "all, and weights",
        same == STEPS and weights[0] == weights[1],
        f"--config seed, killed after step {before}, a checkpoint every {EVERY} steps; weights "
        f"{'the same' if weights[0] == weights[1] else 'DIFFER'}",
    )


def processes_row() -> Row:
    """`torchrun` with two processes, beside one process with a batch twice as large."""
    from kit.course import corpus

    with TemporaryDirectory() as place:
        folder = Path(place)
        start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
        finish([*start, *command(folder, "two", "--config", "small", "--steps", STEPS)[1:]])
        two = losses(folder / "two.jsonl")
    small = recipes()["small"].changed(steps=STEPS)
    double = replace(small, config=replace(small.config, batch_size=2 * small.config.batch_size))
    reports: list[Report] = []
    train(prepare(double, corpus.shakespeare(), torch.device("cpu")), reports.append)
    largest = max(abs(two[report.step][0] - report.training_loss) for report in reports)
    return Row(
        "torchrun, two processes and one",
        f"losses differ by {largest:.0e} at most",
        f"<= {TOLERANCE:.0e}",
        largest <= TOLERANCE,
        f"--config small, {STEPS} steps, each loss compared; two processes by gloo, one with twice the batch",
    )
