"""Watching a training: what's noted, what each screen shows, and what it leaves alone."""

from __future__ import annotations

import io
from collections.abc import Iterator

import IPython.display
import pytest
import torch
from rich.console import Console

from nanogpt import Report
from workshop import live
from workshop.live import Live, Notebook, Plain, Status, Terminal, clock, sample_steps


class Recorder:
    """A screen that keeps what it's given."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.closed = 0

    def show(self, status: Status) -> None:
        self.steps.append(status.step)

    def close(self, status: Status) -> None:
        self.closed += 1


def reports(steps: int, every: int = 10, upto: int | None = None) -> Iterator[Report]:
    """The reports of a training with this many steps, its losses falling; it may be stopped early."""
    for step in range(1, (upto or steps) + 1):
        yield Report(step, steps, 4 / step, 5 / step if step % every == 0 else None)


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that advances by a tenth of a second each time it's read."""
    times = iter(range(1_000_000))
    monkeypatch.setattr(live.time, "monotonic", lambda: next(times) / 10)


def test_a_point_has_the_mean_of_the_losses_since_the_one_before() -> None:
    with Live(screen=Recorder) as watch:
        for report in reports(30):
            watch(report)
    steps, training, validation = zip(*watch.status.points, strict=True)
    assert steps == (10, 20, 30)
    assert training[1] == pytest.approx(sum(4 / step for step in range(11, 21)) / 10)
    assert validation == (5 / 10, 5 / 20, 5 / 30)
    assert watch.status.best == (30, 5 / 30)
    assert watch.status.over


def test_a_screen_is_updated_twice_a_second_at_most(ticking: None) -> None:
    screen = Recorder()
    with Live(screen=lambda: screen) as watch:
        for report in reports(100, every=1):
            watch(report)
    assert screen.steps[0] == 1
    assert 15 <= len(screen.steps) <= 21  # a step takes 0.1 s by this clock, so 100 steps take 10 s
    assert screen.closed == 1


def test_the_curve_begins_before_the_first_step(capsys: pytest.CaptureFixture[str]) -> None:
    with Live(screen=Plain, evaluate=lambda: 4.5) as watch:
        for report in reports(20):
            watch(report)
    assert watch.status.points[0] == (0, 4.0, 4.5)
    assert [step for step, _, _ in watch.status.points] == [0, 10, 20]
    assert watch.status.best == (20, 5 / 20)
    curve = watch.status.curve()
    assert curve is not None and "from step 0 to 20" in curve.alt


def test_the_step_before_the_first_is_never_the_best() -> None:
    with Live(screen=Recorder, evaluate=lambda: 0.0) as watch:
        for report in reports(20, upto=5):
            watch(report)
        assert watch.status.best is None
        watch(Report(10, 20, 3.0, 2.0))
    assert watch.status.best == (10, 2.0)


def test_the_model_is_heard_at_its_sample_steps_and_draws_numbers_of_its_own() -> None:
    said: list[float] = []

    def speak() -> str:
        said.append(torch.rand(()).item())
        return f"Let's he {len(said)}"

    torch.manual_seed(5)
    with Live(speak, Recorder, lambda: torch.rand(()).item()) as watch:
        for report in reports(64):
            watch(report)
    after = torch.rand(3)
    torch.manual_seed(5)
    assert torch.equal(after, torch.rand(3))
    assert len(set(said)) == len(said) == 9  # other dice each time
    assert watch.samples.keys() == {0, *sample_steps(64)}
    assert (watch.status.sample, watch.status.sample_step) == ("Let's he 9", 64)


def test_the_same_step_has_the_same_dice_in_every_training() -> None:
    once, again = Live(lambda: str(torch.rand(3)), Recorder), Live(lambda: str(torch.rand(3)), Recorder)
    for watch in (once, again):
        with watch:
            watch(Report(1, 10, 4.0))
    assert once.samples == again.samples and len(once.samples) == 2


def test_sample_steps_lie_inside_the_training() -> None:
    for steps in (1, 2, 3, 7, 100, 5000):
        assert {1, steps} <= sample_steps(steps) <= set(range(1, steps + 1))
    assert 75 in sample_steps(750)  # a tenth: chapter 12 shows it beside the first and the last


def test_a_pipe_gets_few_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with Live(lambda: "To be", Plain) as watch:
        for report in reports(1000):
            watch(report)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 12
    assert lines[0].startswith("step 100 of 1000")
    assert "'To be'" in lines[-2]


def test_the_last_line_says_whether_it_was_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    with Live(screen=Plain) as watch:
        for report in reports(1000, upto=34):
            watch(report)
    assert not watch.status.over
    assert "34 of 1000" in capsys.readouterr().out.splitlines()[-1]


def test_a_terminal_has_its_bar_taken_away_and_the_samples_stay(monkeypatch: pytest.MonkeyPatch, ticking: None) -> None:
    out = io.StringIO()
    monkeypatch.setattr(
        "rich.console.Console", lambda **_: Console(file=out, force_terminal=True, width=100, highlight=False)
    )
    with Live(lambda: "[bold] is no markup here", Terminal) as watch:
        for report in reports(60):
            watch(report)
    text = out.getvalue()
    assert "[bold] is no markup here" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")  # the cursor is back
    assert text.rstrip().endswith("after step 60")


def test_a_notebook_has_one_display_with_both_forms(monkeypatch: pytest.MonkeyPatch, ticking: None) -> None:
    calls: list[tuple[str, dict[str, str]]] = []

    class Handle:
        def display(self, bundle: dict[str, str], raw: bool) -> None:
            calls.append(("display", bundle))

        def update(self, bundle: dict[str, str], raw: bool) -> None:
            calls.append(("update", bundle))

    monkeypatch.setattr(IPython.display, "DisplayHandle", Handle)
    with Live(lambda: "a < b & c", Notebook) as watch:
        for report in reports(40):
            watch(report)
    assert [kind for kind, _ in calls].count("display") == 1
    assert calls[0][0] == "display"
    last = calls[-1][1]
    assert set(last) == {"text/html", "text/plain"}
    assert "a &lt; b &amp; c" in last["text/html"]
    assert '<progress max="40" value="40"' in last["text/html"]
    assert last["text/html"].count("<img alt=") == 1
    assert "<img" not in calls[0][1]["text/html"]


def test_a_watcher_that_was_never_called_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Live():
        pass
    assert capsys.readouterr().out == ""


def test_clock() -> None:
    assert [clock(seconds) for seconds in (0.4, 59.4, 60, 125)] == ["0 s", "59 s", "1 min 00 s", "2 min 05 s"]
