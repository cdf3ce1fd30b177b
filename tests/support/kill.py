"""Runs a command over and over, each time in a fresh copy of a folder, and kills it each time at a different place.

    python -m tests.support.kill '{"script": ..., "argv": [...], "source": ..., "target": ..., "mode": ...}'

`steps` kills it before each call that changes the disk, and in the middle of each write, until the command gets through
(with `stride` 3, at every third of these places);
`random` kills it at random times, together with any git it has started; `rerun` lets it run to the end in each of the
copies. Prints a list of exit statuses, one for each copy: -9 for a killed one. With `strict`, nothing passes, and the
judge doesn't start a process.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pygit2
from pygit2.references import References

import kit.judge.judge
import kit.judge.trials.runners
from kit.course.chapter import Exercise
from kit.judge.records import Verdict

WATCHED = [
    (os, "open"),
    (os, "write"),
    (os, "fsync"),
    (os, "chmod"),
    (os, "replace"),
    (os, "unlink"),
    (pygit2.Repository, "create_blob"),
    (pygit2.Repository, "create_commit"),
    (pygit2.Index, "write_tree"),
    (pygit2.Index, "write"),
    (References, "create"),
]


class Deadly:
    """Kills this process at its nth step."""

    def __init__(self, last: int) -> None:
        self.left = last

    def step(self) -> None:
        """One step nearer."""
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1

    def watch(self, owner: Any, name: str) -> None:
        """Make each call to this function a step, with another in the middle of a write."""
        real = getattr(owner, name)

        def watched(*given: Any, **named: Any) -> Any:
            self.step()
            if owner is not os or name != "write":
                return real(*given, **named)
            half = len(given[1]) // 2
            real(given[0], given[1][:half])
            self.step()
            return half + real(given[0], given[1][half:])

        setattr(owner, name, watched)


class Strict:
    """A judge and its runner, for which nothing passes; it doesn't start a process."""

    def __init__(self, given: object) -> None:
        self.runner = self

    def judge_all(self, cells: Sequence[tuple[object, Exercise, str]]) -> list[Verdict]:
        """Failed, every one of them."""
        return [Verdict(exercise.id, "failed") for _, exercise, _ in cells]

    def close(self) -> None:
        """Nothing to close."""


def in_a_child(folder: Path, body: Callable[[], int], seconds: float | None = None) -> int:
    """Run `body` in a forked process in this folder, killed after some seconds; its exit status, -9 if killed."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            os.chdir(folder)
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                code = body()
        finally:
            os._exit(code)
    os.setpgid(child, child)
    if seconds is not None:
        time.sleep(seconds)
        os.killpg(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


COMMANDS = (  # imported before anything forks
    *("course.course", "git.backup_expiry", "judge.judge", "judge.trials.runners", "learner.checkpoint"),
    *("learner.reset", "learner.save", "learner.update.update", "pairs.sync"),
)


def main(plan: dict[str, Any]) -> list[int]:
    """Do what the plan says."""
    command = importlib.import_module(f"scripts.{plan['script']}").main
    for module in COMMANDS:
        importlib.import_module(f"kit.{module}")
    if plan.get("strict"):
        kit.judge.judge.Judge = Strict  # type: ignore[misc, assignment]
        kit.judge.trials.runners.shared_runner = Strict  # type: ignore[assignment]
    source, target = Path(plan["source"]), Path(plan["target"])

    def run() -> int:
        return int(command(plan["argv"]))

    if plan["mode"] == "rerun":
        folders = sorted(target.iterdir(), key=lambda path: int(path.name))
        return [in_a_child(folder, run) for folder in folders]
    statuses: list[int] = []
    chance = random.Random(plan.get("seed", 1))
    shutil.copytree(source, target / "0", symlinks=True)
    begin = time.monotonic()
    in_a_child(target / "0", run)
    longest = time.monotonic() - begin
    shutil.rmtree(target / "0")
    while len(statuses) < plan.get("runs", 1000):
        number = len(statuses)
        folder = target / str(number)
        shutil.copytree(source, folder, symlinks=True)
        if plan["mode"] == "random":
            statuses.append(in_a_child(folder, run, chance.uniform(0, longest * 1.1)))
            continue

        def deadly(number: int = number) -> int:
            watch = Deadly(number * plan.get("stride", 1))
            for owner, name in WATCHED:
                watch.watch(owner, name)
            return run()

        statuses.append(in_a_child(folder, deadly))
        if statuses[-1] != -signal.SIGKILL:
            return statuses
    return statuses


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
