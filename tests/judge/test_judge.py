"""The judge, on the fake course, through real processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing.connection import Pipe
from pathlib import Path

import pytest

from kit.course.answers import Answer
from kit.course.course import Course
from kit.errors import KitError
from kit.judge.diagnosis import ALONE, PASTED
from kit.judge.judge import Judge
from kit.judge.proof.prove import prove
from kit.judge.records import Job, Verdict, read_reply, text_of, unpack_job
from kit.judge.redraw import redrawn_program
from kit.judge.trials.processes import ProcessSetup, run_walker
from kit.judge.trials.runners import ForkRunner, ReplayRunner, Runner, shared_runner
from kit.judge.trials.trial import ScriptCell, Step, run
from tests.support import fake_course


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return fake_course.make_course(tmp_path_factory.mktemp("judge") / "course")


@pytest.fixture(scope="module")
def judge(made: Course) -> Iterator[Judge]:
    warm = ForkRunner(made.root)
    yield Judge(warm)
    warm.close()


def verdict(judge: Judge, course: Course, exercise_id: str, code: str) -> Verdict:
    return judge.judge(*course.exercise(exercise_id), f'{code}\ncheck("{exercise_id}")')


def test_todo_answer_and_mistakes(judge: Judge, made: Course) -> None:
    for chapter in made.chapters:
        for exercise in chapter.exercises:
            assert judge.judge(chapter, exercise, exercise.todo).outcome == "blank"
            assert judge.judge(chapter, exercise, exercise.code) == Verdict(exercise.id, "passed", seed=judge.salts[-1])
            for place, m in enumerate(exercise.mistakes):
                found = judge.judge(chapter, exercise, exercise.with_answer(m.blank, m.expression))
                assert (found.outcome, found.mistake, found.message) == ("failed", place, m.message)


RIGHT = [
    ("00.01", "length = sum(map(lambda _: 1, word))"),
    ("00.02", "first, *_, last = word"),
    ("01.01", "doubled = 2.0 * x"),
    ("01.01", "import torch\ndoubled = torch.einsum('ij,->ij', x, torch.tensor(2.0))"),
    ("01.01", "doubled = torch.empty(2, 3)\nfor i in range(2):\n    doubled[i] = x[i] + x[i]"),
    ("01.01", "%time 3\ndoubled = (x * 2).double()"),
    ("01.02", "def total(values):\n    return sum(values)"),
    ("01.02", "from functools import reduce\nfrom operator import add\ntotal = lambda values: reduce(add, values, 0)"),
]


@pytest.mark.parametrize(("exercise_id", "code"), RIGHT)
def test_other_idioms_pass(judge: Judge, made: Course, exercise_id: str, code: str) -> None:
    assert verdict(judge, made, exercise_id, code).outcome == "passed"


WRONG = [
    ("00.01", "length = 5", "failed", 1),
    ("00.01", "pass", "failed", 1),
    ("00.01", "length = str(len(word))", "failed", 1),
    ("00.02", "first = word[0]\nlast = word[0]", "failed", 2),
    ("01.01", "doubled = x.sum()", "failed", 1),
    ("01.01", "doubled = x.tolist()", "failed", 1),
    ("01.01", "y = 1\ndoubled = x @ x", "error", 2),
    ("01.01", "doubled = (x", "error", 1),
    ("01.01", "a = 1\nraise SystemExit", "error", 2),
    ("01.01", "import os\nos._exit(0)", "error", 1),
    ("01.01", "raise KeyboardInterrupt", "error", 1),
    ("01.01", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "error", 1),
    ("01.01", "doubled = ____ + 1", "blank", 1),
    ("01.02", "def total(values):\n    return missing", "error", 2),
    ("01.02", "def total(values):\n    return values[0]", "failed", 1),
    ("01.02", "total = 3", "failed", 1),
]


@pytest.mark.parametrize(("exercise_id", "code", "outcome", "line"), WRONG)
def test_wrong_answers(judge: Judge, made: Course, exercise_id: str, code: str, outcome: str, line: int) -> None:
    found = verdict(judge, made, exercise_id, code)
    assert (found.outcome, found.line) == (outcome, line)
    assert found.message
    assert found.mistake is None


def test_pasted_numbers_fail_on_redrawn_inputs(judge: Judge, made: Course) -> None:
    import torch

    torch.manual_seed(1)
    pasted = (torch.randn(2, 3) * 2).tolist()
    assert verdict(judge, made, "01.01", f"doubled = torch.tensor({pasted})").outcome == "failed"
    once = Judge(judge.runner, salts=(0,))
    assert verdict(once, made, "01.01", f"doubled = torch.tensor({pasted})").outcome == "passed"


def test_what_runs_on_this_page_only_is_told_so(judge: Judge, made: Course) -> None:
    found = verdict(judge, made, "00.01", 'length = {"apple": 5}[word]')
    assert (found.outcome, found.mistake) == ("error", None)
    assert found.message.startswith(PASTED) and "KeyError" in found.message


def test_a_mistake_that_shows_at_once_is_not_made_by_who_is_right_at_first(judge: Judge, made: Course) -> None:
    late = 'length = len(word) - (word != "apple")'  # on other words it gives what the first mistake gives
    found = verdict(judge, made, "00.01", late)
    assert (found.outcome, found.mistake) == ("failed", None)
    assert found.message.startswith(PASTED)


def test_an_endless_loop_ends(judge: Judge, made: Course) -> None:
    short = Judge(judge.runner, limit=0.5)
    found = verdict(short, made, "01.01", "while True:\n    pass")
    assert found.outcome == "error"
    assert "0.5 seconds" in found.message


def test_a_cell_spoils_nothing_for_the_next(judge: Judge, made: Course) -> None:
    spoil = "import torch, builtins\nx.zero_()\ntorch.randn = None\nbuiltins.len = lambda _: 7\ndel word"
    assert verdict(judge, made, "00.01", spoil).outcome == "error"
    assert verdict(judge, made, "01.01", spoil).outcome == "error"
    assert verdict(judge, made, "00.01", "length = len(word)").outcome == "passed"
    assert verdict(judge, made, "01.01", "doubled = x * 2").outcome == "passed"


def test_a_flood_of_output_and_a_read_of_input_do_no_harm(judge: Judge, made: Course) -> None:
    assert verdict(judge, made, "01.01", "print('a' * 10_000_000)\ndoubled = x * 2").outcome == "passed"
    assert verdict(judge, made, "01.01", "doubled = input()").outcome == "error"


def test_a_memory_bomb_is_an_error(judge: Judge, made: Course) -> None:
    assert verdict(judge, made, "01.01", "doubled = bytearray(64 << 30)").outcome == "error"


def test_children_left_behind_are_ended(judge: Judge, made: Course, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = (
        "import os, time\npid = os.fork()\nif pid == 0:\n    time.sleep(60)\n"
        f"open({str(mark)!r}, 'w').write(str(pid))\ndoubled = x * 2"
    )
    assert verdict(judge, made, "01.01", code).outcome == "passed"
    pid = int(mark.read_text())
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists() or "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text():
            break
        time.sleep(0.05)
    else:
        pytest.fail("the child is still there")


def test_replay_says_the_same(made: Course) -> None:
    slow = Judge(ReplayRunner(made.root), salts=(0,))
    assert verdict(slow, made, "00.01", "length = len(word)").outcome == "passed"
    assert verdict(slow, made, "00.01", "length = len(word) - 1").mistake == 0
    assert verdict(slow, made, "00.01", "import os; os._exit(0)").outcome == "error"
    with pytest.raises(KitError):
        slow.runner.observe([Job("00", "00.77", 0, "x = 1")])
    with pytest.raises(KitError):
        slow.runner.observe([Job("55", "55.01", 0, "x = 1")])


@pytest.mark.parametrize("kind", [ForkRunner, ReplayRunner])
def test_a_broken_finished_chapter_is_named(tmp_path: Path, kind: type[Runner]) -> None:
    course = fake_course.make_course(tmp_path / "course")
    path = course.sources / "ch00_first.py"
    path.write_text(path.read_text().replace("last = word[-1]  # blank: the last letter", "last = wrod[-1]  # blank"))
    course = Course(course.root)
    broken = Judge(kind(course.root), salts=(0,))  # type: ignore[call-arg]
    with pytest.raises(KitError) as caught:
        broken.judge(*course.exercise("00.02"), 'first = 1\nlast = 2\ncheck("00.02")')
    assert caught.value.where == "checkpoints/ch00_first.py:26"
    broken.runner.close()


def test_unknown_exercises_and_chapters(judge: Judge) -> None:
    for job in (Job("00", "00.77", 0, "x = 1"), Job("55", "55.01", 0, "x = 1")):
        with pytest.raises(KitError):
            judge.runner.observe([job])


def test_an_edited_chapter_is_read_again(tmp_path: Path) -> None:
    course = fake_course.make_course(tmp_path / "course")
    warm = ForkRunner(course.root)
    assert verdict(Judge(warm), course, "00.01", "length = len(word)").outcome == "passed"
    path = course.sources / "ch00_first.py"
    path.write_text(path.read_text().replace('"apple"', '"pear"'))
    course = Course(course.root)
    assert verdict(Judge(warm, salts=(0,)), course, "00.01", "length = 4").outcome == "passed"
    warm.close()


def test_other_inputs_are_drawn_once_they_are_prepared(judge: Judge, made: Course) -> None:
    drawing = Judge(judge.runner)
    first = verdict(drawing, made, "00.01", "length = len(word)")
    again = verdict(drawing, made, "00.01", "length = len(word)")
    assert (first.seed, again.seed) == (drawing.salts[1], drawing.salts[1])
    drawing.last -= 10  # as if somebody had thought for ten seconds
    other = verdict(drawing, made, "00.01", "length = len(word)")
    assert other.outcome == "passed" and other.seed not in (0, first.seed)
    assert {job.salt for job in drawing.known} <= {0, other.seed}
    fixed = Judge(judge.runner, (0, first.seed))
    assert {verdict(fixed, made, "00.01", "length = len(word)").seed for _ in range(3)} == {first.seed}


def test_what_the_learners_other_cells_define_comes_along(judge: Judge, made: Course) -> None:
    def outcome(source: str, *above: str) -> Verdict:
        cell = f'{source}\ncheck("01.01")'
        chapter, exercise = made.exercise("01.01")
        return judge.judge(chapter, exercise, text_of(chapter, Answer("01.01", cell, 1, above)))

    helper = "factor = 2\n\ndef twice(v):\n    return op.mul(v, factor)"
    assert outcome("doubled = twice(x)", "import operator as op", helper).outcome == "passed"
    assert outcome("doubled = twice(x)", "import operator as op", helper.replace("2", "3")).outcome == "failed"
    missing = outcome("doubled = twice(x)", helper)
    assert (missing.outcome, ALONE in missing.message) == ("error", True)
    alone = outcome("doubled = triple(x)", helper)
    assert (alone.outcome, ALONE in alone.message) == ("error", True)
    assert outcome("doubled = x * y", "x = (", "y = 2", "print(").outcome == "passed"


class Noting:
    """A chapter of three exercises that notes, in a file, which of their cells have been read."""

    digest = ""
    exercises = ("00.01", "00.02", "00.03")

    def __init__(self, notes: Path) -> None:
        self.notes = notes

    def places(self) -> Iterator[ScriptCell]:
        for exercise in self.exercises:
            yield ScriptCell(exercise, lambda exercise=exercise: self.read(exercise))  # type: ignore[misc]

    def read(self, exercise: str) -> Step:
        with self.notes.open("a") as file:
            file.write(f"{exercise} ")
        return Step("x = 1", "here")

    def finished(self, exercise: str, salt: int) -> None:
        return None


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
@pytest.mark.parametrize(("asked", "read"), [("00.01", ""), ("00.02", "00.01 "), ("00.03", "00.01 00.02 ")])
def test_a_chapter_is_run_as_far_as_its_jobs_need(tmp_path: Path, asked: str, read: str) -> None:
    notes = tmp_path / "notes"
    notes.touch()
    ours, theirs = Pipe()
    walker = os.fork()
    if walker == 0:
        ours.close()
        run_walker("00", Noting(notes), 0, {asked: theirs}, ProcessSetup())
    theirs.close()
    ours.close()
    os.waitpid(walker, 0)
    assert notes.read_text() == read


def test_a_dead_judge_is_started_again(made: Course) -> None:
    warm = ForkRunner(made.root)
    assert verdict(Judge(warm), made, "00.01", "length = len(word)").outcome == "passed"
    warm.process.kill()
    warm.process.wait()
    assert verdict(Judge(warm), made, "00.01", "length = len(word)").outcome == "passed"
    warm.close()


def test_nothing_is_left_when_the_client_is_killed(made: Course) -> None:
    code = (
        "from kit.judge.trials.runners import ForkRunner; from kit.judge.judge import Judge\n"
        "from kit.course.course import Course\n"
        f"import os, pathlib; course = Course(pathlib.Path({str(made.root)!r})); warm = ForkRunner(course.root)\n"
        "Judge(warm).judge(*course.exercise('01.01'), 'doubled = x * 2')\n"
        "print(warm.process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    group = int(done.stdout)
    for _ in range(200):
        alive = [p for p in Path("/proc").glob("[0-9]*/stat") if session_of(p) == group]
        if not alive:
            return
        time.sleep(0.05)
    pytest.fail(f"still there: {alive}")


def session_of(stat: Path) -> int:
    """The session of a process; 0 if it's gone or a zombie."""
    try:
        fields = stat.read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return 0 if fields[0] == "Z" else int(fields[3])


def test_the_proof_holds_and_notices_each_kind_of_flaw(judge: Judge, tmp_path: Path) -> None:
    for chapter in Course(judge.runner.root).chapters:  # type: ignore[attr-defined]
        assert prove(judge, chapter) == []
    course = fake_course.make_course(tmp_path / "course")
    path = course.sources / "ch00_first.py"
    path.write_text(
        path.read_text()
        .replace('#! redraw: word = "banana split"\n', "")
        .replace("sum(1 for _ in word)", "sum(2 for _ in word)")
        .replace("word[1] ->", "word[:1] ->")
    )
    course = Course(course.root)
    warm = ForkRunner(course.root)
    flaws = prove(Judge(warm), course.chapter("00"))
    warm.close()
    assert {(flaw.exercise, flaw.claim) for flaw in flaws} == {
        ("00.01", "alternative"),
        ("00.01", "pasted"),
        ("00.02", "mistake"),
        ("00.02", "pasted"),
    }


def test_two_mistakes_that_look_the_same_are_a_flaw(tmp_path: Path) -> None:
    course = fake_course.make_course(tmp_path / "course")
    path = course.sources / "ch01_second.py"
    path.write_text(path.read_text().replace("x ** 2 ->", "x + 2 ->"))
    course = Course(course.root)
    warm = ForkRunner(course.root)
    flaws = prove(Judge(warm), course.chapter("01"))
    warm.close()
    assert [(flaw.exercise, flaw.claim) for flaw in flaws] == [("01.01", "mistake")]


def test_an_answer_by_chance_is_a_flaw(tmp_path: Path) -> None:
    course = fake_course.make_course(tmp_path / "course")
    path = course.sources / "ch01_second.py"
    path.write_text(path.read_text().replace("doubled = x * 2", "doubled = x * __import__('os').getpid()"))
    course = Course(course.root)
    warm = ForkRunner(course.root)
    flaws = prove(Judge(warm), course.chapter("01"))
    warm.close()
    assert ("01.01", "answer") in {(flaw.exercise, flaw.claim) for flaw in flaws}


def test_what_is_prepared_needs_no_run_when_it_comes(judge: Judge, made: Course) -> None:
    chapter, exercise = made.exercise("00.01")
    once = Judge(judge.runner)
    pieces = len(list(once.look_ahead(chapter, exercise)))
    codes = {exercise.with_answer(m.blank, m.expression) for m in exercise.mistakes}
    assert {once.job(chapter, exercise, 0, code) for code in codes | {exercise.code}} <= set(once.known)
    assert pieces > len(codes) and list(once.look_ahead(chapter, exercise)) == []


SLEEPS = """check("00.01")
#! hint: there is a function for it
#! mistake: len(word) - 1 -> that is the index of the last letter; the count is one more
#! mistake: word.count("p") -> that counts one letter only
#! alternative: sum(1 for _ in word)

# %%
import time
shown = [length, time.sleep(length - 1)]
"""


@pytest.mark.parametrize(("slow", "flaws"), [("", [("00.01", "given")]), ("#! slow: sleeps\n", [])])
def test_a_given_cell_that_takes_too_long_is_a_flaw_unless_it_is_left_out(
    tmp_path: Path, slow: str, flaws: list[tuple[str, str]]
) -> None:
    course = fake_course.make_course(tmp_path / "course")
    path = course.sources / "ch00_first.py"
    before, after = path.read_text().split('check("00.01")\n')
    path.write_text(before + SLEEPS + slow + after[after.index("\n# %%") :])
    course = Course(course.root)
    warm = ForkRunner(course.root)
    judge = Judge(warm, limit=3.0)
    found = prove(judge, course.chapter("00"))
    assert [(flaw.exercise, flaw.claim) for flaw in found] == flaws
    assert verdict(judge, course, "00.01", "length = sum(1 for _ in word)").outcome == "passed"
    warm.close()


def test_jobs_travel() -> None:
    job = Job("01", "01.01", 1, "x = '▢'", "x = ____", ("x",), ("x + 1",), 2.5)
    assert unpack_job(job.pack()) == job


def test_replies_that_are_none() -> None:
    with pytest.raises(KitError):
        read_reply(b"")
    for reply in (b"o", b"oxyz"):
        assert read_reply(reply).error is not None


def test_one_observer_for_a_course(made: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSHOP_OBSERVER", "replay")
    shared_runner.cache_clear()
    assert isinstance(shared_runner(made.root), ReplayRunner)
    assert shared_runner(made.root) is shared_runner(made.root)
    shared_runner.cache_clear()


def test_without_torch_one_sentence(made: Course, tmp_path: Path) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise ModuleNotFoundError('No module named torch')")
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
    check = Path(__file__).parents[2] / "scripts" / "check.py"
    done = subprocess.run(
        [sys.executable, str(check), "00"],
        cwd=made.root,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stdout + done.stderr


NOTEBOOK = [
    "%matplotlib inline\n!true\nlength = (len(word)\n% 1000)\nlen?\n??len\nx = !ls\n%timeit len(word)",
    "%%time\nlength = len(word)",
    "%time length = len(word)",
    "# notebook: %time length = len(word)",
    "display(word)\nlength = len(word)",
    "import asyncio\nawait asyncio.sleep(0.001)\nlength = len(word)",
    'text = """\n%time\n!ls\n"""\nlength = len(text) - 11 + len(word)',
]


@pytest.mark.parametrize("code", NOTEBOOK)
def test_what_only_a_notebook_understands_counts_for_nothing(judge: Judge, made: Course, code: str) -> None:
    assert verdict(judge, made, "00.01", code).outcome == "passed"
    wrong = code.replace("len(word)", "len(word) - 1")
    assert verdict(judge, made, "00.01", wrong).outcome == "failed"


def test_an_error_after_an_await_has_its_line(judge: Judge, made: Course) -> None:
    found = verdict(judge, made, "00.01", "import asyncio\nawait asyncio.sleep(0)\nlength = len(wrod)")
    assert (found.outcome, found.line) == ("error", 3)


def test_an_await_needs_no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asyncio.new_event_loop", lambda: (_ for _ in ()).throw(PermissionError()))
    state: dict[str, object] = {}
    run(redrawn_program("import asyncio\nawait asyncio.sleep(0)\nx = 1", 0, "<cell>"), state)
    assert state["x"] == 1


DEEP = ["-" * 20_000 + "1", "-" * 900 + "1", "[" * 5000 + "]" * 5000, "(" * 20_000, "+".join(["1"] * 20_000)]


@pytest.mark.parametrize("exercise_id", ["00.01", "01.02"])
def test_deep_nesting_costs_the_others_nothing(judge: Judge, made: Course, exercise_id: str) -> None:
    cells = {"00.01": "length = {}", "01.02": "def total(values):\n    return {}"}
    right = made.exercise(exercise_id)
    texts = [cells[exercise_id].format(deep) for deep in DEEP]
    found = judge.judge_all([*((*right, text) for text in texts), (*right, right[1].code)])
    assert {one.outcome for one in found[:-1]} <= {"error", "failed"}
    assert found[-1].outcome == "passed"
    assert all(len(one.message) < 400 for one in found)


JUNK = """import os
for fd in range(3, {upto}):
    try:
        os.write(fd, b"junk")
    except OSError:
        pass
length = len(word)"""


@pytest.mark.parametrize("make", [ForkRunner, ReplayRunner])
def test_junk_in_open_files_is_that_cells_own_affair(made: Course, make: type[ForkRunner] | type[ReplayRunner]) -> None:
    runner = make(made.root)
    right = made.exercise("00.01")
    cells = [(*right, JUNK.format(upto=64)), (*right, JUNK.format(upto=1024)), (*right, right[1].code)]
    outcomes = [one.outcome for one in Judge(runner, (0,)).judge_all(cells)]
    runner.close()
    assert outcomes[0] == outcomes[2] == "passed"
    assert outcomes[1] in ("error", "passed")


@pytest.mark.parametrize("junk", [b"junk", b"t", b"tjunk", b"t\xc1", b"o\xc1", b"o"])
def test_a_broken_reply_is_the_cells_fault(junk: bytes) -> None:
    assert read_reply(junk).error


def test_what_an_exception_says_is_made_visible(judge: Judge, made: Course) -> None:
    code = 'E = type("E\\x1b[31mvil\\u202e", (Exception,), {})\nraise E("a\\x1b]0;t\\x07b\\u202ec\\x9b1m")'
    found = verdict(judge, made, "00.01", code)
    assert found.message == "Evil: abc"
    found = verdict(judge, made, "00.01", 'length = "\u202e\x1b[1m" (')
    assert found.message.isprintable()
