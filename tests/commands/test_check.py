"""`scripts/check.py` as a person, an editor and a program call it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.course.cells import Cell, to_percent
from kit.course.course import ROOT, Course
from kit.course.notebook import to_notebook
from kit.course.render import learner_cells
from kit.judge.trials.runners import ForkRunner
from kit.learner import service
from kit.learner.reset import changes
from kit.learner.status import status
from kit.learner.tree import tree
from scripts import check
from tests.support import fake_course


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """One course and one warm process for all of these tests; only the pairs change."""
    course = fake_course.make_course(tmp_path_factory.mktemp("check") / "course")
    warm = ForkRunner(course.root)
    patch = pytest.MonkeyPatch()
    patch.setattr(service, "new_runner", lambda root: warm)
    close = warm.close
    patch.setattr(warm, "close", lambda: None)
    yield course
    patch.undo()
    close()


@pytest.fixture
def here(shared: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    for chapter in shared.chapters:
        fake_course.write_pair(shared, chapter.id, {}, ())
    monkeypatch.chdir(shared.root)
    return shared


def rows(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    found = json.loads(capsys.readouterr().out)["exercises"]
    return {row["id"]: row for row in found}


def test_todo_is_blank(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(["--format", "json"]) == 1
    found = rows(capsys)
    assert list(found) == ["00.01", "00.02", "01.01", "01.02"]
    assert {row["outcome"] for row in found.values()} == {"blank"}
    assert set(found["00.01"]) == {"id", "chapter", "outcome", "message", "file", "line", "cell", "cell_line", "seed"}
    text = (here.root / str(found["01.02"]["file"])).read_text().split("\n")
    assert "____" in text[int(str(found["01.02"]["line"])) - 1]


def test_answers_pass(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(["--answers", "--format", "json"]) == 0
    found = rows(capsys)
    assert {row["outcome"] for row in found.values()} == {"passed"}
    assert {row["file"] for row in found.values()} == {"checkpoints/ch00_first.py", "checkpoints/ch01_second.py"}


def test_one_exercise_and_problems(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    answers = {
        "00.01": 'length = len(word) - 1\ncheck("00.01")',
        "00.02": 'first = word[0]\nlast = word[9]\ncheck("00.02")',
    }
    fake_course.write_pair(here, "00", answers, ())
    assert check.main(["00", "--format", "problems"]) == 1
    lines = capsys.readouterr().out.splitlines()
    text = (here.pairs() / "ch00_first.py").read_text().split("\n")
    for line, code in zip(lines, ["length = len(word) - 1", "last = word[9]"], strict=True):
        file, number, _ = line.split(":", 2)
        assert file == "workshop/en/ch00_first.py"
        assert text[int(number) - 1] == code
    assert check.main(["01.01", "--format", "problems"]) == 1
    assert capsys.readouterr().out.startswith("workshop/en/ch01_second.py:")


def test_a_file_anywhere(here: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fake_course.write_pair(here, "00", {e.id: e.code for e in here.chapter("00").exercises}, ())
    for suffix in ("py", "ipynb"):
        path = tmp_path / f"ch00_mine.{suffix}"
        path.write_bytes((here.pairs() / f"ch00_first.{suffix}").read_bytes())
        assert check.main([str(path), "--format", "json"]) == 0
        assert {row["file"] for row in rows(capsys).values()} == {path.as_posix()}


def test_the_filled_side_of_a_pair_counts(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    todo = (here.pairs() / "ch00_first.py").read_bytes()
    fake_course.write_pair(here, "00", {e.id: e.code for e in here.chapter("00").exercises}, ())
    (here.pairs() / "ch00_first.py").write_bytes(todo)
    assert check.main(["00", "--format", "json"]) == 0
    assert {row["outcome"] for row in rows(capsys).values()} == {"passed"}


@pytest.mark.parametrize("side", [".py", ".ipynb"])
def test_to_tick_is_said_only_of_what_is_not_ticked(
    here: Course, side: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for ticked in (False, True):
        fake_course.write_pair(here, "00", {"00.01": RIGHT}, ())
        other = (here.pairs() / "ch00_first").with_suffix(side)
        kept = other.read_bytes()
        fake_course.write_pair(here, "00", {"00.01": RIGHT}, ("00.01",) if ticked else ())
        other.write_bytes(kept)  # ticked in one file alone
        assert check.main(["00.01"]) == 0
        out = capsys.readouterr().out
        assert ("[x] 00.01" in out, "save.py" in out) == (not ticked, not ticked)
        check.main(["00"])
        assert ("save.py" in capsys.readouterr().out) == (not ticked)


def test_nobody_ticks_a_finished_chapter_or_a_copy(
    here: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_course.write_pair(here, "00", {e.id: e.code for e in here.chapter("00").exercises}, ())
    copy = tmp_path / "ch00_mine.py"
    copy.write_bytes((here.pairs() / "ch00_first.py").read_bytes())
    for words in (["--answers"], ["--answers", "00.01"], [str(copy)]):
        assert check.main(words) == 0
        assert "tick" not in capsys.readouterr().out


def test_what_does_not_pass_comes_with_the_way_to_a_hint(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    fake_course.write_pair(here, "00", {"00.01": RIGHT, "00.02": 'first = 1\nlast = 2\ncheck("00.02")'}, ())
    for words in (["00.02"], ["00"], []):
        assert check.main(words) == 1
        out = capsys.readouterr().out
        assert "python scripts/hint.py 00.02" in out and "save.py" not in out


WRONG = 'length = len(word) - 1\ncheck("00.01")'
RIGHT = 'length = len(word)\ncheck("00.01")'
LINE = "length = len(word) - 1"


@pytest.mark.parametrize("above", ["", "# so far\n\n", "\n\n"])  # in the notebook, a cell may begin with empty lines
@pytest.mark.parametrize("script", ['length = ____\ncheck("00.01")', RIGHT, WRONG, None])
def test_the_judged_file_is_named_and_for_a_notebook_the_cell_and_its_line(
    here: Course, script: str | None, above: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path, notebook = here.pairs() / "ch00_first.py", here.pairs() / "ch00_first.ipynb"
    fake_course.write_pair(here, "00", {"00.01": above + WRONG}, ())
    raw = json.loads(notebook.read_bytes())
    raw["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "id": "view-in-github", "source": COLAB})
    notebook.write_text(json.dumps(raw))
    cell = next(n for n, each in enumerate(raw["cells"]) if LINE in "".join(each["source"]))
    line = "".join(raw["cells"][cell]["source"]).split("\n").index(LINE) + 1
    same = script == WRONG and "#" not in above
    if script is None:
        path.unlink()
    else:
        saved = to_percent(learner_cells(here.chapter("00"), {"00.01": script}, ()))
        path.write_text(saved)
        os.utime(path, (0, 0))
    assert check.main(["00.01", "--format", "json"]) == 1
    found = rows(capsys)["00.01"]
    assert (found["outcome"], found["cell"], found["cell_line"]) == ("failed", cell, line - 2 * (above == "\n\n"))
    name = path if same else notebook
    at = path.read_text().split("\n").index(LINE) + 1 if same else line
    assert (found["file"], found["line"]) == (f"workshop/en/{name.name}", at)
    check.main(["00.01"])
    told = capsys.readouterr().out
    assert ("ch00_first.py:" in told, "ch00_first.ipynb" in told) == (same, not same)
    assert f"cell {cell + 1}, line {line}" in told
    check.main(["00.01", "--format", "problems"])
    place = f"ch00_first.py:{at}: " if same else f"ch00_first.ipynb:cell {cell + 1}:{line}: "
    out = capsys.readouterr().out
    assert out.startswith(f"workshop/en/{place}")
    tasks = json.loads((ROOT / ".vscode" / "tasks.json").read_text())["tasks"]
    patterns = {task["problemMatcher"]["pattern"]["regexp"] for task in tasks if task.get("problemMatcher")}
    for pattern in patterns:
        match = re.fullmatch(pattern, out.rstrip("\n"))
        assert match and match.groups()[:2] == (f"workshop/en/{name.name}", str(at))
    [exercise] = [e for s in tree(here)["chapters"][0]["sections"] for e in s["exercises"] if e["id"] == "00.01"]
    assert exercise["cell"] == cell


COLAB = (
    '<a href="https://colab.research.google.com/github/x/y/blob/main/z.ipynb" target="_parent">'
    '<img src="https://colab.research.google.com/assets/colab-badge.svg" alt="Open In Colab"/></a>'
)


def test_a_missing_cell_is_an_error(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    for suffix in ("py", "ipynb"):
        path = here.pairs() / f"ch00_first.{suffix}"
        path.write_text(path.read_text().replace("00.02", "00.09"))
    assert check.main(["00", "--format", "json"]) == 1
    assert rows(capsys)["00.02"]["outcome"] == "error"


@pytest.mark.parametrize("notebook", [False, True])
@pytest.mark.parametrize("how", ["gone", "text", "comment"])
def test_a_lost_cell_is_named_with_its_place_and_the_way_back(
    here: Course, how: str, notebook: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    chapter = here.chapter("00")
    cells = learner_cells(chapter, {}, ())
    place = next(number for number, cell in enumerate(cells) if cell.exercise == "00.02")
    lost = {
        "gone": (),
        "text": (Cell("markdown", cells[place].source),),
        "comment": (Cell("code", cells[place].source.replace("check(", "# check(")),),
    }[how]
    cells = (*cells[:place], *lost, *cells[place + 1 :])
    path = here.pairs() / ("ch00_first.ipynb" if notebook else "ch00_first.py")
    path.write_text(to_notebook(cells, "00") if notebook else to_percent(cells))
    assert check.main([str(path), "--format", "json"]) == 1
    found = rows(capsys)["00.02"]
    assert found["outcome"] == "error" and "python scripts/reset_to_todo.py 00.02" in str(found["message"])
    if notebook:
        assert found["cell"] == (place - 1 if how == "gone" else place)
    else:
        line = path.read_text().split("\n")[int(str(found["line"])) - 1]
        assert 'check("00.01")' in line if how == "gone" else 'check("00.02")' in line
    for change in changes(here, ["00.02"]):  # what that command would write
        change.path.write_bytes(change.after)
    check.main([str(path), "--format", "json"])
    assert rows(capsys)["00.02"]["outcome"] == "blank"


def test_text_names_the_first_blank_and_counts(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    fake_course.write_pair(here, "00", {"00.01": here.exercise("00.01")[1].code, "00.02": 'x = 1\ncheck("00.02")'}, ())
    assert check.main([]) == 1
    out = capsys.readouterr().out
    assert "1 of 4" in out
    assert "workshop/en/ch00_first.py:" in out
    assert "01.01" in out
    assert check.main(["01.01"]) == 1
    assert "01.01" in capsys.readouterr().out


@pytest.mark.parametrize("word", ["09.01", "00.09", "07", "nothing", "missing/ch00_first.py", "ch77_x.ipynb"])
def test_bad_usage_is_2(here: Course, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main([word]) == 2
    seen = capsys.readouterr()
    assert seen.out == ""
    assert len(seen.err.splitlines()) == 1


def test_a_language_that_is_not_here(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(["00", "--lang", "xx"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_damaged_notebook_beside_a_good_script(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    (here.pairs() / "ch00_first.ipynb").write_text("{")
    assert check.main(["00", "--format", "json"]) == 1
    assert {row["outcome"] for row in rows(capsys).values()} == {"blank"}


def test_file_and_line_name_the_exercise_there(
    here: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_course.write_pair(here, "00", {e.id: e.code for e in here.chapter("00").exercises}, ())
    path = tmp_path / "ch00_mine.py"
    path.write_text((here.pairs() / "ch00_first.py").read_text().replace("word[-1]", "word[-2]"))
    lines = path.read_text().split("\n")
    at = {each: lines.index(f'check("{each}")') + 1 for each in ("00.01", "00.02")}
    assert check.main([f"{path}:{at['00.01']}", "--format", "json"]) == 0
    assert list(rows(capsys)) == ["00.01"]
    assert check.main([f"{path}:{at['00.02'] - 1}", "--format", "json"]) == 1
    found = rows(capsys)
    assert [(row["outcome"], row["line"]) for row in found.values()] == [("failed", at["00.02"] - 1)]
    for word in (f"{path}:1", "nothing.py:3", "workshop/en/ch00_first.ipynb:3"):
        assert check.main([word]) == 2


def test_status_and_check_name_the_same_line(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    cells = ["length = ____\n", "# so far\n\nlength = ____\n", "# so far\n\nlength = 4\n", "length = len(wrod)\n"]
    for cell in cells:
        fake_course.write_pair(here, "00", {"00.01": f'{cell}check("00.01")'}, ())
        assert check.main(["00.01", "--format", "json"]) == 1
        found = rows(capsys)["00.01"]
        now = status(here)
        script, notebook = now.places
        assert (now.next, script.line, notebook.line) == ("00.01", found["line"], found["cell_line"])


def test_one_cell_ends_no_run(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    right = {e.id: e.code for e in here.chapter("00").exercises}
    for cell in ("length = " + "-" * 20_000 + "1", "length = " + "[" * 20_000, JUNK):
        fake_course.write_pair(here, "00", right | {"00.01": f'{cell}\ncheck("00.01")'}, ())
        assert check.main(["00", "--format", "json"]) == 1
        assert {each: row["outcome"] for each, row in rows(capsys).items()} == {"00.01": "error", "00.02": "passed"}
        assert status(here).next == "00.01"


JUNK = """import os
for fd in range(3, 64):
    try:
        os.write(fd, b"junk")
    except OSError:
        pass
raise type("E\\x1b[1m", (Exception,), {})("\\u202e")"""


def test_nothing_raw_reaches_the_output(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    fake_course.write_pair(here, "00", {"00.01": f'{JUNK}\ncheck("00.01")'}, ())
    for form in ("text", "problems", "json"):
        assert check.main(["00.01", "--format", form]) == 1
        assert capsys.readouterr().out.replace("\n", "").isprintable()


def test_a_copied_cell_says_which_one_counts(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = 'length = 1\ncheck("00.01")', 'length = len(word)\ncheck("00.01")'
    fake_course.write_pair(here, "00", {"00.01": f"{one}\n\n# %%\n{two}"}, ())
    assert check.main([str(here.pairs() / "ch00_first.py"), "--format", "json"]) == 1
    found = rows(capsys)["00.01"]
    lines = (here.pairs() / "ch00_first.py").read_text().split("\n")
    assert found["line"] == lines.index("length = 1") + 1
    assert all(str(lines.index(cell.split("\n")[0]) + 1) in str(found["message"]) for cell in (one, two))
    fake_course.write_pair(here, "00", {"00.01": f'length = ____\ncheck("00.01")\n\n# %%\n{two}'}, ())
    assert check.main([str(here.pairs() / "ch00_first.py"), "--format", "json"]) == 1
    assert rows(capsys)["00.01"]["outcome"] == "passed"


ANYHOW = [
    ('length = {}\nok = check("00.01")', ""),
    ('length = {}\nprint(check("00.01"))', ""),
    ('if word:\n    length = {}\n    check("00.01")', ""),
    ('length = {}\n\n# %%\ncheck("00.01")', ""),
    ('length = {}\ncheck("00.01")\nfirst, last = word[0], word[-1]\ncheck("00.02")', "1 + 1"),
    ('%matplotlib inline\n%timeit len(word)\nlength = ({}\n% 100)\nlen?\nx = !ls\ncheck("00.01")', ""),
]


@pytest.mark.parametrize(("cell", "second"), ANYHOW)
def test_a_file_is_judged_by_the_notebooks_rules(
    here: Course, cell: str, second: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for length, outcome in (("len(word)", "passed"), ("len(word) - 1", "failed")):
        fake_course.write_pair(here, "00", {"00.01": cell.format(length)} | ({"00.02": second} if second else {}), ())
        check.main([str(here.pairs() / "ch00_first.py"), "--format", "json"])
        found = rows(capsys)
        assert found["00.01"]["outcome"] == outcome
        assert found["00.02"]["outcome"] == ("passed" if second else "blank")
