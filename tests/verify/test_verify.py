"""Verification: attacks, a cohort from forks to rows, what is remembered, a cluster that loses a worker."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kit.cache import FILE
from kit.course.course import ROOT, Course
from kit.course.own_code import SEAM, lent
from kit.errors import KitError
from kit.forks.records import NOT_JUDGED, ChapterProgress, Fork
from kit.judge.judge import SEEDS
from kit.judge.records import Job, Outcome, Verdict, around, error_reply, job_of
from kit.judge.values import Error, Observation
from kit.verify.canonical import CanonicalCells
from kit.verify.client import SandboxRunner
from kit.verify.listed import listed_results
from kit.verify.results import Result, ResultCache
from kit.verify.sandbox import ENVIRONMENT, SANDBOXES, UNSAFE, Sandbox, why_unusable
from kit.verify.stage import FAULT
from kit.verify.verify import Verified, VerifyOptions, verify
from kit.verify.worker import Batch, result_of
from scripts import progress
from tests.support import fake_course
from tests.support.attacks import ATTACKS
from tests.support.forks import make_fork, notebook, pair, path_of, script

BUBBLEWRAP = SANDBOXES[0]
INSTALLED = shutil.which("bwrap") is not None
# Nobody notices a test that CI skips, so if bubblewrap is installed there, a sandbox that doesn't hold is a failure.
needs_sandbox = pytest.mark.skipif(
    bool(why_unusable(BUBBLEWRAP)) and not (INSTALLED and os.environ.get("CI")),
    reason=f"bubblewrap: {why_unusable(BUBBLEWRAP)}",
)


@pytest.mark.skipif(not (INSTALLED and os.environ.get("CI")), reason="outside CI, a machine may have no sandbox")
def test_where_ci_has_bubblewrap_it_holds() -> None:
    assert why_unusable(BUBBLEWRAP) == "", (
        "no attack would be tried here. On Ubuntu 24.04 user namespaces are restricted: "
        "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    )


@needs_sandbox
@pytest.mark.parametrize("name", ["COV_CORE_SOURCE", "PYTHONHOME", "PYTHONPATH", "LD_PRELOAD"])
def test_the_probe_runs_in_the_environment_of_the_real_thing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "/nowhere")
    assert why_unusable.__wrapped__(BUBBLEWRAP) == ""


@needs_sandbox
def test_an_environment_behind_a_link_is_found_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = tmp_path / "environment"
    link.symlink_to(sys.prefix)
    monkeypatch.setattr(sys, "prefix", str(link))
    monkeypatch.setattr(sys, "executable", str(link / "bin" / "python"))
    assert why_unusable.__wrapped__(BUBBLEWRAP) == ""


HONEST = {
    "00.01": "length = sum(map(lambda letter: 1, word))",
    "00.02": "first, *_, last = word",
    "01.01": "doubled = x + 1.0 * x",
    "01.02": "def total(values):\n    return sum(values)",
}
SECRET = secrets.token_hex(8)


def fork_of(name: str, cells: Mapping[str, str]) -> tuple[Fork, dict[str, tuple[str, ...]]]:
    """A fork in which these cells are filled, and its cells."""
    sources = {exercise_id: (f'{code}\ncheck("{exercise_id}")',) for exercise_id, code in cells.items()}
    chapters = {
        chapter: ChapterProgress(
            3, filled=tuple(exercise_id for exercise_id in cells if exercise_id.startswith(chapter))
        )
        for chapter in ("00", "01")
    }
    return Fork(name, name, "ok", chapters=chapters), sources


def run(course: Course, cohort: Mapping[str, Mapping[str, str]], limit: float = 10, again: bool = False) -> Verified:
    """Verify a cohort of cells."""
    made = [fork_of(name, cells) for name, cells in cohort.items()]
    options = VerifyOptions(workers=1, limit=limit, again=again)
    return verify(course, [fork for fork, _ in made], [cells for _, cells in made], options)


def without_check(cell: str) -> str:
    """A cell of 00.01 as `fork_of` takes it."""
    return cell.removesuffix('\ncheck("00.01")')


@dataclass(frozen=True)
class Aftermath:
    """What's left once all attacks are over."""

    forks: dict[str, Fork]
    seconds: float
    home: Path
    repo: Path


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """Every attack as a fork of its own, then an honest one."""
    course = fake_course.make_course(tmp_path_factory.mktemp("verify") / "course")
    home, repo = Path.home() / f".canary-{secrets.token_hex(4)}", course.root / "canary"
    home.write_text(SECRET)
    repo.write_text(SECRET)
    cohort = {
        name: {exercise_id: code.replace("HOME", repr(str(home))).replace("REPO", repr(str(repo)))}
        for name, (exercise_id, code) in ATTACKS.items()
    }
    start = time.monotonic()
    try:
        marked = {exercise_id: f"{code}  # HONEST-MARK" for exercise_id, code in HONEST.items()}
        found = run(course, {"earlier": marked, **cohort, "honest": HONEST}, limit=1)
        yield Aftermath({fork.name: fork for fork in found.forks}, time.monotonic() - start, home, repo)
    finally:
        home.unlink(missing_ok=True)


def reasons(fork: Fork) -> list[str]:
    """Why a fork's filled exercises failed."""
    return [why for progress in fork.chapters.values() for why in progress.failed.values()]


def forged(fork: Fork) -> bool:
    """Whether an attack got anything: a pass, a secret, no reason, or a row that doesn't name the sandbox."""
    found = reasons(fork)
    nothing = [progress.verified for progress in fork.chapters.values()] == [(), ()]
    has_reason = len(found) == 1 and bool(found[0]) and not any(word in found[0] for word in (SECRET, "LEAK"))
    has_reason &= not found[0].startswith(NOT_JUDGED) or "on a processor" in found[0]  # it only waited
    return not (nothing and has_reason and fork.sandbox == BUBBLEWRAP.name)


def test_the_readme_counts_the_attacks() -> None:
    assert f"{len(ATTACKS)} attacks" in (ROOT / "README.md").read_text(encoding="utf-8")


@needs_sandbox
def test_no_attack_passes_or_harms_anybody(aftermath: Aftermath) -> None:
    """One test for all of them: they run together, in one process."""
    assert len(ATTACKS) >= 160
    assert {name: reasons(aftermath.forks[name]) for name in ATTACKS if forged(aftermath.forks[name])} == {}
    assert reasons(aftermath.forks["earlier"]) + reasons(aftermath.forks["honest"]) == []
    assert [path.read_text() for path in (aftermath.home, aftermath.repo)] == [SECRET, SECRET]
    assert not Path("/tmp/pickled").exists()
    assert aftermath.seconds < 10 + 5 * len(ATTACKS)


@needs_sandbox
def test_a_class_that_the_chapter_has_used_before_it_is_written_cannot_be_imported() -> None:
    from kit.verify.worker import new_cell_judge

    judge = new_cell_judge(Course(), BUBBLEWRAP, (0, secrets.randbelow(1000) + 2))
    exercise = Course().exercise("03.09")[1]
    try:
        stolen = (
            "from nanogpt import PositionEmbedding",
            "import nanogpt\nPositionEmbedding = nanogpt.PositionEmbedding",
        )
        found = judge.judge_cells([("03.09", f"{exercise.code}\n# mine"), *(("03.09", code) for code in stolen)])
        earlier = judge.judge_cells([("03.09", "from nanogpt import TokenEmbedding as PositionEmbedding")])
    finally:
        judge.close()
    assert [result.passed for result in found] == [True, False, False]
    assert all("Error" in result.why for result in found[1:])
    assert "ImportError" not in earlier[0].why


@pytest.fixture
def here(course: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The fake course, the current folder in it, and four forks: right, wrong, half of it in the notebook, broken."""
    monkeypatch.chdir(course.root)
    first = course.chapter("00")
    ours = {exercise_id: f'{HONEST[exercise_id]}\ncheck("{exercise_id}")' for exercise_id in ("00.01", "00.02")}
    wrong = ours | {"00.01": 'length = len(word) - 1\ncheck("00.01")'}
    make_fork(course.root / "clones" / "right.git", course, pair(first, ours, ["00.01"]))
    make_fork(course.root / "clones" / "wrong.git", course, pair(first, wrong))
    make_fork(
        course.root / "clones" / "later.git",
        course,
        {
            path_of(first, ".py"): script(first, {"00.01": wrong["00.01"]}),
            path_of(first, ".ipynb"): notebook(first, ours),
        },
    )
    make_fork(course.root / "clones" / "broken.git", course)
    (course.root / "clones" / "broken.git" / "HEAD").write_text("\0")
    return course


@needs_sandbox
def test_forks_become_rows(here: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert progress.main(["clones", "--verify", "--jobs", "1", "--format", "json"]) == 0
    forks = {fork["name"]: fork for fork in json.loads(capsys.readouterr().out)["forks"]}
    seen = {name: fork["chapters"]["00"]["verified"] for name, fork in forks.items() if fork["chapters"]}
    assert seen == {"right": 2, "wrong": 1, "later": 2}
    assert {name: fork.get("sandbox", "") for name, fork in forks.items()} == {
        "right": BUBBLEWRAP.name, "wrong": BUBBLEWRAP.name, "later": BUBBLEWRAP.name, "broken": ""
    }  # fmt: skip
    assert list(forks["wrong"]["chapters"]["00"]["failed"]) == ["00.01"]
    assert "index of the last letter" in forks["wrong"]["chapters"]["00"]["failed"]["00.01"]
    monkeypatch.setattr("kit.verify.verify.judge_batches", lambda *_: pytest.fail("judged again"))
    assert progress.main(["clones", "--verify", "--format", "csv"]) == 0
    assert capsys.readouterr().out.count(BUBBLEWRAP.name) == 6
    assert progress.main(["clones", "--verify"]) == 0
    table = capsys.readouterr().out
    assert f"verified in {BUBBLEWRAP.name}" in " ".join(table.split()) and table.count(BUBBLEWRAP.name) == 1
    assert "1/2/2" in table


def test_without_a_sandbox_nothing_is_run(
    here: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("kit.verify.sandbox.SANDBOXES", ())
    assert progress.main(["clones", "--verify"]) == 2
    seen = capsys.readouterr()
    assert (seen.out, seen.err.count("\n")) == ("", 1)
    assert ResultCache(here).find("00.01", HONEST["00.01"]) is None


def test_the_first_rung_that_holds_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    from kit.verify import sandbox

    tried: list[str] = []

    def only_podman_holds(rung: Sandbox) -> str:
        tried.append(rung.program)
        return "" if rung.program == "podman" else "not installed"

    monkeypatch.setattr(sandbox, "why_unusable", only_podman_holds)
    assert sandbox.choose_sandbox() == SANDBOXES[1]
    assert tried == ["bwrap", "podman"]
    monkeypatch.setattr(sandbox, "why_unusable", lambda rung: "not installed")
    assert sandbox.choose_sandbox(unsafe=True) == UNSAFE


def test_a_rung_that_keeps_nothing_in_does_not_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bwrap"
    program.write_text(f'#!/bin/bash\nexport PYTHONPATH={ROOT}\nexec "${{@: -7}}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    why_unusable.cache_clear()
    try:
        assert why_unusable(BUBBLEWRAP)
    finally:
        why_unusable.cache_clear()


def start_here(sandbox: Sandbox, stage: Path, words: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start it with this code and environment, as a sandbox never would, so that coverage sees which lines run."""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    there = os.environ | ENVIRONMENT | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(sandbox.command(stage, words), cwd=ROOT, env=there, start_new_session=True, **pipes)


@pytest.mark.parametrize("here", [False, True])
def test_unsafe_says_so_on_every_row(course: Course, monkeypatch: pytest.MonkeyPatch, here: bool) -> None:
    from kit.verify import worker

    if here:
        monkeypatch.setattr(Sandbox, "start", start_here)
    monkeypatch.setattr("kit.verify.sandbox.SANDBOXES", ())
    judge = worker.new_cell_judge(course, UNSAFE, (0, 5), limit=5)
    try:
        cells = [("00.01", HONEST["00.01"]), ("00.01", "length = 5"), ("00.02", "import os\nos._exit(0)")]
        assert [result.passed for result in judge.judge_cells(cells)] == [True, False, False]
    finally:
        judge.close()
    monkeypatch.setattr("kit.verify.verify.judge_batches", lambda batches, *_: [(b, [Result(True)]) for b in batches])
    fork, sources = fork_of("student-01", {"00.01": HONEST["00.01"]})
    found = verify(course, [fork], [sources], VerifyOptions(unsafe=True))
    assert found.forks[0].sandbox == UNSAFE.name
    assert found.forks[0].chapters["00"].verified == ("00.01",)


@pytest.mark.parametrize("outcome", ["error", "failed"])
@pytest.mark.parametrize(
    ("message", "fault", "result"),
    [
        (f"{NOT_JUDGED}: no room", "no room", Result(False, "not judged: no room", lasting=False)),
        (f"here ({NOT_JUDGED}: no (more) room)", "no (more) room", Result(False, "not judged: no (more) room", False)),
        ("ValueError: no", "", Result(False, "ValueError: no")),
        ("not 'not judged: no room'", "", Result(False, "not 'not judged: no room'")),
    ],
)  # fmt: skip
def test_only_a_cell_s_own_failure_is_remembered(outcome: Outcome, message: str, fault: str, result: Result) -> None:
    assert result_of(Verdict("00.01", outcome, message), fault) == result


def test_a_fault_of_ours_is_noted_by_what_the_sandbox_says_and_never_by_what_a_cell_says(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = Observation({}, Error(NOT_JUDGED, "no room"))
    replies = [FAULT + b"no room", b"o" + forged.pack(), b""]
    runner = SandboxRunner(course, BUBBLEWRAP, {})
    try:
        monkeypatch.setattr(runner, "run_batch", lambda jobs, wanted: replies)
        jobs = [job_of(*course.exercise("00.01"), 0, f"length = {number}") for number in range(3)]
        seen = runner.observe(jobs)
    finally:
        runner.close()
    assert [found.error.type for found in seen if found.error] == [NOT_JUDGED, "Exception", NOT_JUDGED]
    assert [bool(runner.take_fault("00.01", job.code)) for job in jobs] == [True, False, True]
    assert runner.take_fault("00.01", jobs[0].code) == ""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no such limits")
def test_on_one_core_trials_take_turns() -> None:
    code = "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\n"
    code += "from kit.verify.verify import usable_cores; print(usable_cores())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT).stdout == "1\n"


class Unclear:
    """Batches in which nothing could be judged, except the second time, alone, if `alone` says so."""

    def __init__(self, alone: Result) -> None:
        self.alone = alone
        self.batches: list[Batch] = []

    def __call__(self, batches: Sequence[Batch], workers: int, scheduler: str) -> Iterator[tuple[Batch, list[Result]]]:
        is_again = bool(self.batches)
        self.batches += batches
        waited = Result(False, "not judged: no result after 20 seconds", lasting=False)
        for batch in batches:
            yield batch, [self.alone if is_again and workers == 1 else waited] * len(batch.cells)


@needs_sandbox
@pytest.mark.parametrize("lasting", [True, False])
def test_what_ran_out_of_time_on_a_busy_machine_is_judged_again_alone(
    course: Course, monkeypatch: pytest.MonkeyPatch, lasting: bool
) -> None:
    monkeypatch.setattr("kit.verify.verify.usable_cores", lambda: 4)
    unclear = Unclear(Result(True) if lasting else Result(False, "not judged: again", lasting=False))
    monkeypatch.setattr("kit.verify.verify.judge_batches", unclear)
    found = run(course, {"student-01": {"00.01": "length = 5", "01.01": HONEST["01.01"]}})
    progress = [chapter for fork in found.forks for chapter in fork.chapters.values()]
    assert [len(batch.cells) for batch in unclear.batches] == [1, 1, 2]
    assert [len(chapter.verified or ()) for chapter in progress] == ([1, 1] if lasting else [0, 0])
    assert ResultCache(course).find("00.01", HONEST["00.01"]) is None
    kept = [ResultCache(course).find(e, c) for batch in unclear.batches[-1:] for e, c in batch.cells]
    assert kept == ([Result(True)] * 2 if lasting else [None, None])


@needs_sandbox
def test_again_judges_what_is_known(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert progress.main(["clones/right.git", "--verify", "--format", "json"]) == 0
    results = ResultCache(here)
    for exercise_id in ("00.01", "00.02"):
        source = CanonicalCells(listed_results(here)).find(
            exercise_id, f'{HONEST[exercise_id]}\ncheck("{exercise_id}")'
        )
        assert results.find(exercise_id, source) == Result(True)
        results.keep([(exercise_id, source, Result(False, "too slow, on that day"))])
    capsys.readouterr()
    seen: list[int] = []
    for words in ([], ["--again"], []):
        assert progress.main(["clones/right.git", "--verify", "--format", "json", *words]) == 0
        seen.append(json.loads(capsys.readouterr().out)["forks"][0]["chapters"]["00"]["verified"])
    assert seen == [0, 2, 2]


def test_what_could_not_be_judged_again_is_forgotten(course: Course) -> None:
    ResultCache(course).keep([("00.01", "a", Result(False, "no"))])
    ResultCache(course).keep([("00.01", "a", Result(False, "not judged: no room", lasting=False))])
    assert ResultCache(course).find("00.01", "a") is None


@needs_sandbox
def test_a_cell_that_sleeps_is_not_remembered_and_one_that_loops_is(course: Course) -> None:
    cells = {"00.01": "import time\ntime.sleep(1000)", "00.02": "while True:\n    pass"}
    fork = run(course, {"student-01": cells}, limit=0.5).forks[0]
    sleeps, loops = (fork.chapters["00"].failed[exercise_id] for exercise_id in cells)
    assert sleeps.startswith(NOT_JUDGED) and "of them on a processor" in sleeps
    if not loops.startswith(NOT_JUDGED):  # on a machine that's busy to the end, nobody can say
        assert "still running" in loops
    sources = {exercise_id: f'{code}\ncheck("{exercise_id}")' for exercise_id, code in cells.items()}
    assert ResultCache(course).find("00.01", sources["00.01"]) is None
    assert (ResultCache(course).find("00.02", sources["00.02"]) is None) == loops.startswith(NOT_JUDGED)


BITS = """
import fcntl, os, time
names = sorted(name for name in os.listdir(os.path.dirname(os.__file__)) if name.endswith(('.py', '.pyc')))[:160]
files = [os.open(os.path.join(os.path.dirname(os.__file__), name), os.O_RDONLY) for name in names]
def is_locked(file):
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(file, fcntl.LOCK_UN)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False
"""
SENDER = f"""{BITS}
text = 'length=len(word)'
try:
    for place, bit in enumerate(''.join(f'{{ord(c):08b}}' for c in text)):
        if bit == '1':
            fcntl.flock(files[place], fcntl.LOCK_EX)
    fcntl.flock(files[159], fcntl.LOCK_EX)
except OSError:
    pass
time.sleep(1.5)
doubled = x * 2
"""
RECEIVER = f"""{BITS}
end = time.time() + 3
while time.time() < end and not is_locked(files[159]):
    time.sleep(0.01)
bits = ''.join('01'[is_locked(file)] for file in files[:128])
exec(''.join(chr(int(bits[n:n + 8], 2)) for n in range(0, 128, 8)))
"""


@needs_sandbox
def test_a_cell_without_an_answer_is_not_fed_by_another(course: Course) -> None:
    from kit.verify.worker import new_cell_judge

    judge = new_cell_judge(course, BUBBLEWRAP, (0,), at_once=2)
    try:
        judge.judge_cells([("00.01", "length = 0"), ("01.01", "doubled = x")])  # both exercises are ready from here on
        sent, received = judge.judge_cells([("01.01", SENDER), ("00.01", RECEIVER)])
    finally:
        judge.close()
    assert (sent.passed, received.passed) == (True, False)


FROM_THE_LIBRARY = """
import heapq, statistics, decimal, sqlite3, hashlib, bisect, fractions, string, zoneinfo, lzma, ssl
import csv, ctypes.util, html
import numpy.random, numpy.linalg, torch.testing, torch.nn.utils.rnn, torch.utils.data
import matplotlib.pyplot as plt, torch._dynamo
plt.plot([1, 2])
plt.savefig('/tmp/figure.png')
optimizer = torch.optim.AdamW([torch.nn.Parameter(x)])
torch.set_num_threads(4)
torch.testing.assert_close(torch.randn(400, 400) @ torch.ones(400, 400) * 0, torch.zeros(400, 400))
gpu = torch.cuda.is_available()
doubled = torch.compile(lambda t: t * 2, backend='eager')(x)
"""


@needs_sandbox
def test_what_answers_import_is_in_the_copy_of_the_libraries(course: Course) -> None:
    from kit.verify.worker import new_cell_judge

    judge = new_cell_judge(course, BUBBLEWRAP, (0,), limit=60)
    try:
        assert judge.judge_cells([("01.01", FROM_THE_LIBRARY)]) == [Result(True)]
    finally:
        judge.close()


def test_what_chapters_import_from_us_is_loaded_before_a_cell_runs() -> None:
    """Everything in `workshop` except what needs the finished classes."""
    code = """
import importlib, pkgutil, sys, workshop
from kit.judge.trials.prepare import WORKSHOP_MODULES
early = [importlib.import_module(f"workshop.{name}") for name in WORKSHOP_MODULES]
before = set(sys.modules)
sys.modules["nanogpt"] = None
for module in pkgutil.iter_modules(workshop.__path__, "workshop."):
    try:
        importlib.import_module(module.name)
    except ImportError:
        continue
    assert module.name in before, module.name
assert "torch" not in before
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_the_cache_believes_whole_rows_of_this_version(course: Course) -> None:
    results = ResultCache(course)
    results.keep([("00.01", "a", Result(True)), ("00.01", "b", Result(False, "no")), ("01.01", "c", Result(True))])
    results.keep([("00.02", "d", Result(False, "lost", lasting=False))])
    results.cache.put({results.version.key("00.02", source): source.encode() for source in ("", "[]", "[1, 2]", "[")})
    again = ResultCache(course)
    assert again.find("00.01", "a  \n") == Result(True)
    assert again.find("00.01", "b") == Result(False, "no")
    assert again.find("00.02", "[1, 2]") == Result(False, "2")
    assert [again.find("00.02", source) for source in ("", "[]", "[")] == [None, None, None]
    assert again.find("00.02", "d") is None
    path = course.sources / "ch01_second.py"
    path.write_text(path.read_text().replace("manual_seed(1)", "manual_seed(2)"))
    other = ResultCache(Course(course.root))
    assert other.find("00.01", "a") == Result(True)
    assert other.find("01.01", "c") is None


@needs_sandbox
def test_what_we_wrote_needs_no_run_and_gets_its_own_message(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.verify.verify.judge_batches", lambda *_: pytest.fail("judged"))
    exercise = course.chapter("00").exercise("00.01")
    wrong = exercise.mistakes[-1]
    cells = {
        "right": f"# mine\n{exercise.code}",
        "other": exercise.with_answer(exercise.alternatives[0].blank, exercise.alternatives[0].expression),
        "wrong": exercise.with_answer(wrong.blank, wrong.expression),
    }
    found = run(course, {name: {"00.01": without_check(cell)} for name, cell in cells.items()}, again=True)
    progress = {fork.name: fork.chapters["00"] for fork in found.forks}
    assert {name: chapter.verified for name, chapter in progress.items()} == {
        "right": ("00.01",), "other": ("00.01",), "wrong": ()
    }  # fmt: skip
    assert progress["wrong"].failed == {"00.01": wrong.message}
    assert (found.cells, found.judged) == (3, 0)


@needs_sandbox
@pytest.mark.parametrize("before", ["length = stolen()", "def len(word):\n    return 7", "x = len = max"])
def test_a_cell_above_our_own_that_lends_it_nothing_changes_nothing(course: Course, before: str) -> None:
    """It didn't come along where our cell was run, either."""
    behind = SEAM.join([before, without_check(course.chapter("00").exercise("00.01").code)])
    found = run(course, {"student-01": {"00.01": behind}})
    assert (found.judged, found.forks[0].chapters["00"].verified) == (0, ("00.01",))
    chapter, exercise = course.exercise("00.01")
    assert not lent([before], exercise.code, around(chapter).names["00.01"])


@needs_sandbox
def test_our_own_cells_are_run_first_and_never_beside_a_stranger_s(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    chapter, exercise = course.exercise("00.01")
    ours = job_of(chapter, exercise, 0, exercise.code)
    behind = job_of(chapter, exercise, 0, SEAM.join(["length = stolen()", exercise.code]))
    theirs = job_of(chapter, exercise, 0, exercise.code + "  # mine")
    assert behind.code == ours.code
    batches: list[list[Job]] = []

    def run_batch(jobs: Sequence[Job], wanted: Sequence[str]) -> list[bytes]:
        batches.append(list(jobs))
        return [b"o" + Observation({"from": {"kind": "int", "value": str(jobs.index(job))}}).pack() for job in jobs]

    runner = SandboxRunner(course, BUBBLEWRAP, listed_results(course))
    monkeypatch.setattr(runner, "run_batch", run_batch)
    try:
        seen = runner.observe([behind, ours, theirs])
    finally:
        runner.close()
    assert batches == [[ours], [behind, theirs]]
    assert [found.values["from"]["value"] for found in seen] == ["0", "0", "1"]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (FAULT + b"no room", "00.01: the course's own cell couldn't be run: no room. Next: run the command again"),
        (b"", "00.01: the course's own cell couldn't be run: its sandbox ended, or took too long to answer"),
        (error_reply(KitError("the finished chapter fails", "ch00.py:3", "")), "ch00.py:3: the finished chapter fails"),
    ],
)
def test_what_goes_wrong_with_a_cell_of_ours_is_no_student_s_fault(course: Course, reply: bytes, said: str) -> None:
    chapter, exercise = course.exercise("00.01")
    wrong = exercise.with_answer(exercise.mistakes[0].blank, exercise.mistakes[0].expression)
    runner = SandboxRunner(course, BUBBLEWRAP, listed_results(course))
    try:
        with pytest.raises(KitError) as caught:
            runner.read_own(job_of(chapter, exercise, 0, exercise.code), reply)
        seen = runner.read_own(job_of(chapter, exercise, 0, wrong), reply)
    finally:
        runner.close()
    assert str(caught.value).startswith(said)
    assert seen.error and seen.error.type == NOT_JUDGED


def test_an_instructor_keeps_one_seed_with_the_results(course: Course, tmp_path: Path) -> None:
    seed = ResultCache(course).seed()
    assert seed in SEEDS and ResultCache(course).seed() == seed
    other = fake_course.make_course(tmp_path / "other")
    assert ResultCache(other).seed() != seed


def test_a_cluster_loses_a_worker_and_nothing_else(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr("kit.verify.verify.BATCH", 2)
    cohort = {
        f"student-{n:02}": {exercise_id: f"{code}  # {n}" for exercise_id, code in HONEST.items()} for n in range(5)
    }
    cohort["student-99"] = {"00.01": "length = 0"}
    steps: list[int] = []
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        workers = client.run(os.getpid)
        assert len(set(workers.values())) == 2

        def on_progress(done: int, total: int) -> None:
            if not steps:
                os.kill(next(iter(workers.values())), signal.SIGKILL)
            steps.append(done)

        made = [fork_of(name, cells) for name, cells in cohort.items()]
        options = VerifyOptions(scheduler=cluster.scheduler_address, workers=2)
        found = verify(course, [fork for fork, _ in made], [cells for _, cells in made], options, on_progress)
    assert [sum(len(c.verified or ()) for c in fork.chapters.values()) for fork in found.forks] == [4] * 5 + [0]
    assert (found.cells, found.judged, steps[-1]) == (21, 21, 21)
    with closing(sqlite3.connect(course.root / ".workshop" / FILE)) as database:
        assert database.execute("SELECT count(*) FROM entries").fetchone() == (21 + 1,)  # and the seed


def test_nobody_answers_at_the_scheduler(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    from kit.errors import KitError
    from kit.verify.pool import dask_cluster

    monkeypatch.setattr("kit.verify.pool.CONNECT_SECONDS", 0.5)
    with pytest.raises(KitError), dask_cluster("tcp://127.0.0.1:9"):
        pass
