"""Watching a training: what's noted, what each screen shows, and what it leaves alone."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import IPython.display
import pytest
import torch
from rich.console import Console

from nanogpt import Report
from workshop import live, screens
from workshop.live import Live, sample_steps
from workshop.screens import Notebook, Plain, Terminal
from workshop.training_status import Status, clock, speed


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


def test_a_log_has_a_line_for_each_look_and_rewrites_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Live(lambda: "To be", Plain, evaluate=lambda: 5.0) as watch:
        for report in reports(1000, every=250):
            watch(report)
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert "\r" not in out and "\x1b" not in out
    assert [line.split(" · ")[0] for line in lines[:4]] == [f"step {step} of 1000" for step in (250, 500, 750, 1000)]
    assert [line.split(" · ")[2] for line in lines[:4]] == [
        f"validation loss {5 / step:.3f}" for step in (250, 500, 750, 1000)
    ]
    assert len(lines) == 6 and "'To be'" in lines[4]


def test_a_log_without_looks_has_a_line_each_minute(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = iter(range(0, 1_000_000, 7))
    monkeypatch.setattr(live.time, "monotonic", lambda: float(next(seconds)))
    with Live(screen=Plain) as watch:
        for report in reports(100, every=1000):
            watch(report)
    lines = capsys.readouterr().out.splitlines()
    assert 10 <= len(lines) <= 13  # 700 seconds
    assert "7 s a step" in lines[0]


@pytest.mark.parametrize(
    ("terminal", "word", "expected"),
    [(True, "xterm", Terminal), (True, "dumb", Plain), (True, "unknown", Plain), (False, "xterm", Plain)],
)
def test_only_a_terminal_that_rewrites_lines_gets_a_bar(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, word: str, expected: type
) -> None:
    monkeypatch.setenv("TERM", word)
    monkeypatch.setattr(screens.sys.stdout, "isatty", lambda: terminal)
    made = screens.screen()
    if isinstance(made, Terminal):
        made.bar.stop()
    assert isinstance(made, expected)


@pytest.mark.parametrize("width", [36, 60, 80, 120])
def test_the_bar_and_the_time_left_fit_any_terminal(monkeypatch: pytest.MonkeyPatch, ticking: None, width: int) -> None:
    out = io.StringIO()
    monkeypatch.setattr(
        "rich.console.Console", lambda **_: Console(file=out, force_terminal=True, width=width, color_system="standard")
    )
    with Live(screen=Terminal, evaluate=lambda: 4.321) as watch:
        for report in reports(1000, upto=600):
            watch(report)
    text = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", out.getvalue()).replace("\r", "\n")
    drawn = [line for line in text.splitlines() if "━" in line]
    assert drawn[5:] and all(line.rstrip().endswith("s left") and "…" not in line for line in drawn[5:])
    assert all(line.count("━") + line.count("╸") + line.count("╺") == min(24, width // 4) for line in drawn[5:])
    assert ("validation loss" in drawn[-1]) == (width >= 80)


def test_a_line_drops_what_matters_least() -> None:
    status = Status(step=3, steps=9, training_loss=2.5, points=[(3, 2.5, 2.25)], seconds=3.0)
    whole = "step 3 of 9 · training loss 2.500 · validation loss 2.250 · 1 step/s · 6 s left"
    assert status.line() == status.line(len(whole)) == whole
    assert status.line(len(whole) - 1) == "step 3 of 9 · training loss 2.500 · validation loss 2.250 · 6 s left"
    assert status.line(50) == "step 3 of 9 · validation loss 2.250 · 6 s left"
    assert status.line(25) == "step 3 of 9 · 6 s left"
    assert status.line(12) == status.line(2) == "6 s left"
    assert Status(step=9, steps=9, seconds=11.0).time() == "11 s so far"


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
    said = [clock(seconds) for seconds in (0.4, 59.4, 60, 125, 3599.4, 3600, 11250)]
    assert said == ["0 s", "59 s", "1 min 00 s", "2 min 05 s", "59 min 59 s", "1 h 00 min", "3 h 07 min"]


def test_speed() -> None:
    said = [speed(rate) for rate in (0.0, 0.25, 0.5, 0.7, 1.0, 1.4, 1.6, 17.2)]
    assert said == ["", "4 s a step", "2 s a step", "1 step/s", "1 step/s", "1 step/s", "2 steps/s", "17 steps/s"]
