"""Several processes train one model: the same losses as one with the larger batch, and a clear end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from kit.course.course import ROOT
from kit.errors import KitError
from kit.model.training import checkpoint, processes, saved_model
from kit.model.training.batches import VectorisedLoader
from kit.model.training.processes import Processes, Share
from kit.model.training.recipes import recipes
from kit.model.training.train import prepare, train
from nanogpt import Report

pytestmark = pytest.mark.usefixtures("one_thread")

PLAY = "ROMEO:\nWhat say you?\n\nJULIET:\nNothing, nothing.\n\n" * 20
STEPS = 40


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """What starts two processes."""
    play = tmp_path / "play.txt"
    play.write_text(PLAY, encoding="utf-8")
    how = ["--config", "small", "--data", str(play), "--device", "cpu", "--log-file", str(tmp_path / "log.jsonl")]
    return [
        *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"),
        *("scripts/train.py", *how, "--out", str(tmp_path / "gpt")),
    ]


def start(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def steps(path: Path) -> Iterator[dict[str, Any]]:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    yield from (line for line in map(json.loads, text.split("\n")[:-1]) if "step" in line)


@pytest.mark.skipif(sys.platform == "win32", reason="torchrun is for other systems")
def test_two_processes_learn_as_one_with_twice_the_batch(command: list[str], tmp_path: Path) -> None:
    process = start([*command, "--steps", str(STEPS)])
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert out.count("parameters") == 1 and "2 × cpu" in out  # the first one alone prints
    reports: list[Report] = []
    small = recipes()["small"].changed(STEPS)
    double = replace(small, config=replace(small.config, batch_size=2 * small.config.batch_size))
    one, _ = train(prepare(double, PLAY, torch.device("cpu")), reports.append)
    found = list(steps(tmp_path / "log.jsonl"))
    assert [line["step"] for line in found] == [report.step for report in reports]
    for line, report in zip(found, reports, strict=True):
        assert line["training_loss"] == pytest.approx(report.training_loss, abs=1e-4)
        if report.validation_loss is not None:
            assert line["validation_loss"] == pytest.approx(report.validation_loss, abs=1e-4)
    two = saved_model.load(tmp_path / "gpt")
    for name, tensor in one.state.items():
        torch.testing.assert_close(two.state[name], tensor, atol=1e-3, rtol=1e-3)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds a process by its environment")
@pytest.mark.parametrize("rank", [0, pytest.param(1, marks=pytest.mark.long)])
def test_one_of_two_is_killed(command: list[str], tmp_path: Path, rank: int) -> None:
    log, path = tmp_path / "log.jsonl", checkpoint.place(tmp_path / "gpt")
    process = start([*command, "--steps", "2000", "--checkpoint-every", "10"])
    while sum(1 for _ in steps(log)) < 25 and process.poll() is None:
        time.sleep(0.02)
    os.kill(child(process.pid, rank), signal.SIGKILL)
    _, err = process.communicate(timeout=120)
    assert process.returncode != 0
    said = [line for line in err.splitlines() if "--resume" in line]
    assert len(said) == 1 and str(tmp_path / "gpt") in said[0]
    begun = checkpoint.load(path, "")
    assert begun.step >= 20 and begun.plan.processes == 2
    with pytest.raises(KitError, match="nproc-per-node 2"):
        begun.plan.require_processes(1, "")
    checkpoint.save(
        path, replace(begun, plan=replace(begun.plan, config=replace(begun.plan.config, steps=begun.step + 5)))
    )
    process = start([*command, "--resume"])
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert list(steps(log))[-1]["step"] == begun.step + 5 and not path.exists()


def child(parent: int, rank: int) -> int:
    """The training process of this rank."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                environment = (entry / "environ").read_bytes().split(b"\0")
                above = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if above == parent and b"RANK=%d" % rank in environment:
                return int(entry.name)
    raise AssertionError("no such process")


def test_each_process_has_its_rows_of_the_same_batch() -> None:
    config = replace(recipes()["small"].config, batch_size=6)
    torch.manual_seed(1)
    whole = VectorisedLoader(PLAY, config).get_batch()
    parts = []
    for rank in range(3):
        torch.manual_seed(1)
        parts.append(Share(VectorisedLoader(PLAY, config), Processes(3, rank), 2).get_batch())
    for side in (0, 1):
        assert torch.equal(torch.cat([part[side] for part in parts]), whole[side])


def test_who_this_process_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WORLD_SIZE", "RANK", "LOCAL_WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    assert processes.found() == Processes() and processes.found().first
    for name, value in {"WORLD_SIZE": 4, "RANK": 3, "LOCAL_WORLD_SIZE": 2, "LOCAL_RANK": 1}.items():
        monkeypatch.setenv(name, str(value))
    this = processes.found()
    assert this == Processes(4, 3, 2, 1) and not this.first
    assert this.device(torch.device("cuda")) == torch.device("cuda", 1)
    assert this.device(torch.device("cpu")) == torch.device("cpu")
    assert Processes().device(torch.device("cuda")) == torch.device("cuda")


@pytest.fixture
def among_two(monkeypatch: pytest.MonkeyPatch) -> Processes:
    """The first of two processes, as it sees itself; the meeting place is real, and the other one never asks for it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for name, value in {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": 1, "RANK": 0}.items():
        monkeypatch.setenv(name, str(value))
    return Processes(2, 0, 2, 0)


def test_the_first_decides_for_all_and_a_loss_is_the_mean(among_two: Processes) -> None:
    with among_two.joined(torch.device("cpu"), lambda: "advice"):
        assert among_two.agreed({"precision": "float32"}) == {"precision": "float32"}
        assert among_two.averaged(lambda: 3.0)() == 1.5


@pytest.mark.parametrize("lost", ["connection", "signal"])
def test_another_that_has_ended_is_said_with_what_to_do(among_two: Processes, lost: str) -> None:
    def train_on() -> None:
        with among_two.joined(torch.device("cpu"), lambda: "go on like this"):
            if lost == "signal":
                os.kill(os.getpid(), signal.SIGTERM)
            raise RuntimeError("Connection closed by peer")

    with pytest.raises(KitError, match="another of the 2 training processes") as seen:
        train_on()
    assert seen.value.next == "go on like this"
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_mistake_of_ones_own_stays_one(among_two: Processes) -> None:
    with pytest.raises(RuntimeError, match="shapes"), among_two.joined(torch.device("cpu"), lambda: ""):
        raise RuntimeError("the shapes differ")
