"""Fixtures that many tests share, and what a run reports at the end."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter
from hypothesis import settings

from kit.course.course import ROOT, Course
from tests.support import fake_course
from tests.support.git_server import Server, serve
from tests.support.proofs import Proof

os.environ["WORKSHOP_RESIDENT"] = "0"  # the small courses of tests leave no processes behind
os.environ.pop("COLUMNS", None)  # pytest's workers are told 80, and have no terminal

# Machines are busy and there are many examples: how long one takes means nothing.
settings.register_profile("kit", deadline=None)
settings.load_profile("kit")


PROOF = "proof"  # the property of a report that says where its proof comes from
LEFT_TO = {"long": "make test-all", "container": "make test-container"}  # markers that `make test` leaves out


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--prove-again", action="store_true", help="take no proof from .proofs/")


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Iterator[Proof]:
    """The proof that this test makes, or has made before."""
    made = Proof(request.node.nodeid, ROOT, request.config.getoption("--prove-again"))
    yield made
    if made.outcome:
        request.node.user_properties.append((PROOF, made.outcome))


class Left:
    """The tests that this run leaves to other commands, by marker. Every pytest-xdist worker collects them all."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self.counts.update(name for name in LEFT_TO for item in items if item.get_closest_marker(name))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["left"] = dict(self.counts)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        self.counts = Counter(getattr(node, "workeroutput", {}).get("left", self.counts))

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """Say what wasn't run and why, one line for each reason, and how many proofs weren't made afresh."""
        reports = [report for reports in terminalreporter.stats.values() for report in reports]
        proofs = Counter(text for r in reports for name, text in getattr(r, "user_properties", ()) if name == PROOF)
        skipped = Counter(reason(report) for report in terminalreporter.stats.get("skipped", ()))
        lines = [f"{count} left to {LEFT_TO[name]}" for name, count in self.counts.items()]
        lines += [f"{count} skipped: {why}" for why, count in skipped.most_common()]
        lines += [f"{count} proofs {origin}" for origin, count in sorted(proofs.items())]
        if lines:
            terminalreporter.section("left out, and proofs")
            terminalreporter.write("\n".join(lines) + "\n")


def reason(report: pytest.TestReport) -> str:
    """Why a test was skipped."""
    why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return why.removeprefix("Skipped: ")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Left(), "left")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The fake course, written into an empty folder."""
    return fake_course.make_course(tmp_path / "course")


@pytest.fixture
def repository(tmp_path: Path) -> Course:
    """The fake course in a git repository with one commit."""
    return fake_course.make_repository(tmp_path / "course")


@pytest.fixture
def fast() -> Iterator[Path]:
    """A folder for many copies, in memory where the system has such a place."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """The contents of the folder `served`, over smart HTTP."""
    (tmp_path / "served").mkdir()
    with serve(tmp_path / "served") as running:
        yield running


@pytest.fixture
def one_thread() -> Iterator[None]:
    """With small tensors a second thread gains nothing, and on a busy machine each operation waits for it."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
