"""Whose class is whose: the learner's where it passes, the workshop's otherwise, and why."""

from __future__ import annotations

import os
import shutil
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

import nanogpt
from kit.course import package
from kit.course.course import ROOT, Course
from kit.errors import KitError
from kit.judge.judge import Judge
from kit.judge.trials.runners import ForkRunner
from kit.learner import mine as own
from tests.support import fake_course
from workshop import lesson, mine

SYLLABUS = "".join(
    f'[[chapter]]\nslug = "{slug}"\ntitle = "{title}"\nminutes = 5\n\n'
    for slug, title in [("norm", "Norm"), ("block", "Block")]
)
NORM = '''# %% [markdown]
# # 00 Norm

# %%
from dataclasses import dataclass

from workshop import ____, check

# %%
word = "sea"
#! redraw: word = "storm"

# %%
#| export
@dataclass(frozen=True)
class Config:
    """Given, no exercise."""

    width: int = 3


# %%
#| export
class LayerNorm:
    """Takes the mean away."""

    def __call__(self, values: list[float]) -> list[float]:
        mean = sum(values) / len(values)  # blank: the mean
        return [value - mean for value in values]  # blank
check("00.01")
#! hint: add, divide
#! mistake: sum(values) -> that is the sum
#! mistake 2: values -> nothing has changed
#! probe: LayerNorm()([1.0, 2.0, 6.0])

# %% [markdown]
# - [ ] 00.01 Write it
'''
BLOCK = '''# %% [markdown]
# # 01 Block

# %%
from nanogpt import Config, LayerNorm
from workshop import ____, check

# %%
def helper(values):
    return sum(values)

# %%
#| export
class TransformerBlock:
    """A norm, and a sum."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.norm = LayerNorm()

    def __call__(self, values: list[float]) -> float:
        return sum(self.norm(values))  # blank
check("01.01")
#! hint: normalise, add
#! mistake: self.norm(values) -> not added up
#! mistake: 1.0 -> a constant
#! probe: callable(TransformerBlock(3))

# %% [markdown]
# - [ ] 01.01 Write it
'''
MY_NORM = """class LayerNorm:
    mine = True

    def __call__(self, values):
        return [value - sum(values) / len(values) for value in values]
check("00.01")"""
MY_BLOCK = """class TransformerBlock:
    mine = True

    def __init__(self, config):
        self.config = config
        self.norm = LayerNorm()

    def __call__(self, values):
        return sum(self.norm(values))
check("01.01")"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources of a course of two chapters, whose second uses what the first exports."""
    root = tmp_path_factory.mktemp("course")
    (root / "checkpoints").mkdir()
    (root / "chapters.toml").write_text(SYLLABUS)
    (root / "checkpoints" / "ch00_norm.py").write_text(NORM)
    (root / "checkpoints" / "ch01_block.py").write_text(BLOCK)
    return root


class Shared:
    """A runner that isn't closed by whoever uses it."""

    def __init__(self, root: Path) -> None:
        self.warm = ForkRunner(root)
        self.observe, self.prepare = self.warm.observe, self.warm.prepare

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def shared(folder: Path) -> Iterator[Shared]:
    """One warm process for all of these tests."""
    shared = Shared(folder)
    yield shared
    shared.warm.close()


@pytest.fixture
def course(folder: Path, shared: Shared, monkeypatch: pytest.MonkeyPatch) -> Course:
    """That course with its todo, nothing remembered, as the one around this process."""
    shutil.rmtree(folder / "workshop", ignore_errors=True)
    shutil.rmtree(folder / ".workshop", ignore_errors=True)
    (folder / "workshop" / "en").mkdir(parents=True)
    made = Course(folder)
    for chapter in made.chapters:
        fake_course.write_pair(made, chapter.id, {}, ())
    monkeypatch.setattr(lesson, "course", lambda: made)
    monkeypatch.setattr("kit.judge.trials.runners.new_runner", lambda root: shared)
    monkeypatch.setattr(mine, "loaded", None)
    return made


def reasons() -> list[str]:
    """Why each part isn't the learner's."""
    return [part.reason for part in mine.parts()]


def test_a_todo_gives_the_workshops_classes_and_runs_nothing(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.judge.trials.runners.new_runner", lambda root: pytest.fail("a judge was started"))
    assert mine.LayerNorm is nanogpt.LayerNorm
    assert mine.TransformerBlock is nanogpt.TransformerBlock
    assert mine.Config is nanogpt.Config
    assert ["00.01" in reasons()[0], "01.01" in reasons()[1]] == [True, True]


def test_a_bonus_chapter_counts_from_its_first_answer_on(course: Course) -> None:
    syllabus = course.root / "chapters.toml"
    syllabus.write_text(SYLLABUS.rstrip() + "\nbonus = true\n")
    try:
        assert [part.chapter for part in own.parts(Course(course.root), "en", pytest.fail)] == ["00"]
        fake_course.write_pair(course, "01", {"01.01": MY_BLOCK}, ())
        mine.current(again=True)
        assert [part.chapter for part in mine.parts()] == ["00", "01"]
    finally:
        syllabus.write_text(SYLLABUS)


def test_what_passes_is_the_learners_and_is_made_of_the_learners(course: Course) -> None:
    fake_course.write_pair(course, "00", {"00.01": MY_NORM}, ())
    fake_course.write_pair(course, "01", {"01.01": MY_BLOCK}, ())
    assert reasons() == ["", ""]
    block = mine.TransformerBlock(nanogpt.Config())
    assert block.mine
    assert isinstance(block.norm, mine.LayerNorm)
    assert mine.LayerNorm is not nanogpt.LayerNorm
    assert block([1.0, 5.0]) == 0
    assert mine.Config is nanogpt.Config


def test_the_workshops_class_is_made_of_the_learners(course: Course) -> None:
    fake_course.write_pair(course, "00", {"00.01": MY_NORM}, ())
    assert [bool(reason) for reason in reasons()] == [False, True]
    block = mine.TransformerBlock(nanogpt.Config())
    assert not hasattr(block, "mine")
    assert block.norm.mine


def test_what_a_class_leans_on_comes_along(course: Course) -> None:
    lean = MY_NORM.replace("sum(values) / len(values)", "mean(values)")
    helper = "from statistics import fmean\n\ndef mean(values):\n    return fmean(values)"
    fake_course.write_pair(course, "00", {"00.01": lean}, ())
    for path in course.pairs("en").glob("ch00*.py"):
        text = path.read_text()
        place = text.rindex("# %%\n", 0, text.index("class LayerNorm"))
        path.write_text(f"{text[:place]}# %%\n{helper}\n\n{text[place:]}")
    assert reasons()[0] == ""
    assert mine.LayerNorm.mine and mine.LayerNorm()([1.0, 2.0, 6.0]) == [-2.0, -1.0, 3.0]


def test_what_fails_is_the_workshops(course: Course) -> None:
    fake_course.write_pair(course, "00", {"00.01": MY_NORM.replace("value - sum", "value + sum")}, ())
    assert "00.01" in reasons()[0]
    assert mine.LayerNorm is nanogpt.LayerNorm


@pytest.mark.parametrize(
    "text",
    [
        "# %%\n<<<<<<< HEAD\nclass LayerNorm:\n=======\n>>>>>>> other\n",
        '# %%\nclass LayerNorm(:\ncheck("00.01")\n',
        "",
        "\0\xff",
    ],
)
def test_a_broken_file_stops_nobody(course: Course, text: str) -> None:
    stem = course.pairs() / "ch00_norm"
    stem.with_suffix(".py").write_bytes(text.encode("latin-1"))
    stem.with_suffix(".ipynb").unlink()
    fake_course.write_pair(course, "01", {"01.01": MY_BLOCK}, ())
    assert [bool(reason) for reason in reasons()] == [True, False]
    assert mine.LayerNorm is nanogpt.LayerNorm
    assert mine.TransformerBlock.mine


def test_a_missing_file_stops_nobody(course: Course) -> None:
    shutil.rmtree(course.pairs())
    assert all(reasons())
    assert mine.LayerNorm is nanogpt.LayerNorm


def test_a_class_that_leans_on_another_cell_is_not_taken(course: Course) -> None:
    fake_course.write_pair(course, "01", {"01.01": MY_BLOCK.replace("sum(self", "helper(self")}, ())
    assert "helper" in reasons()[1]


def test_a_class_that_raises_where_it_is_made_is_not_taken(course: Course) -> None:
    raising = MY_NORM.replace("    mine = True", "    mine = 1 / (__name__ == '__main__')")
    fake_course.write_pair(course, "00", {"00.01": raising}, ())
    assert "ZeroDivisionError" in reasons()[0]
    assert mine.LayerNorm is nanogpt.LayerNorm


def test_the_side_that_was_edited_counts_whatever_its_time(course: Course) -> None:
    stem = course.pairs() / "ch00_norm"
    todo = stem.with_suffix(".py").read_bytes()
    fake_course.write_pair(course, "00", {"00.01": MY_NORM}, ())
    stem.with_suffix(".py").write_bytes(todo)  # only the notebook has the answer, and it's the older file
    os.utime(stem.with_suffix(".ipynb"), (1, 1))
    assert reasons()[0] == ""


def test_the_same_cell_is_judged_once(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_course.write_pair(course, "00", {"00.01": MY_NORM}, ())
    assert reasons()[0] == ""
    monkeypatch.setattr("kit.judge.trials.runners.new_runner", lambda root: pytest.fail("a judge was started"))
    mine.table()
    assert reasons()[0] == ""
    for file in (course.root / ".workshop").glob("cache.sqlite*"):
        file.unlink()
    with pytest.raises(pytest.fail.Exception):  # nothing is remembered any more
        mine.find()


def test_what_check_has_passed_is_not_judged_again(
    course: Course, shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lesson, "judge", lambda: Judge(shared))
    monkeypatch.setattr("workshop.answer.running_cell", lambda frame: MY_NORM)
    lesson.check("00.01")
    fake_course.write_pair(course, "00", {"00.01": MY_NORM}, ())
    monkeypatch.setattr("kit.judge.trials.runners.new_runner", lambda root: pytest.fail("a judge was started"))
    assert reasons()[0] == ""


def test_the_table_reads_the_files_anew(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    mine.table()
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["00", "LayerNorm"],
        ["01", "TransformerBlock"],
    ]
    fake_course.write_pair(course, "00", {"00.01": MY_NORM}, ())
    mine.table()
    assert capsys.readouterr().out.splitlines()[-2].split() == ["00", "LayerNorm", "yours"]
    assert mine.LayerNorm.mine


def test_where_exercises_are_judged_nobodys_files_are_read(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_course.write_pair(course, "00", {"00.01": MY_NORM}, ())
    monkeypatch.setenv("WORKSHOP_JUDGE", "1")
    monkeypatch.setattr(mine, "find", lambda: pytest.fail("files were read"))
    assert mine.LayerNorm is nanogpt.LayerNorm
    mine.table()


def test_a_name_that_the_package_lacks_is_an_attribute_error(course: Course) -> None:
    with pytest.raises(AttributeError):
        _ = mine.LayerNrom


def test_a_traceback_shows_the_learners_own_line(course: Course) -> None:
    fake_course.write_pair(course, "00", {"00.01": MY_NORM}, ())
    with pytest.raises(TypeError) as caught:
        mine.LayerNorm()(["x"])
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert last.line == "return [value - sum(values) / len(values) for value in values]"


def test_without_a_judge_the_chapter_goes_on(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(root: Path) -> ForkRunner:
        raise KitError("PyTorch is not installed here")

    fake_course.write_pair(course, "00", {"00.01": MY_NORM}, ())
    monkeypatch.setattr("kit.judge.trials.runners.new_runner", none)
    assert mine.LayerNorm is nanogpt.LayerNorm


def test_every_class_of_the_real_package_can_be_a_learners() -> None:
    """The finished cells as if a learner had written them: they stand alone, and make a model of each other."""
    real = Course(ROOT)
    homes: dict[str, str] = {}
    parts = []
    for chapter in real.chapters:
        if own.exercises(chapter):
            text = own.module(chapter, {}, homes)
            parts.append(own.Part(chapter.id, chapter.entry.slug, own.names(chapter), text, text))
        homes |= {n: chapter.entry.slug for cell in package.exported(chapter) for n in package.defined(cell.code)}
    loaded = mine.load(parts)
    assert [part.reason for part in loaded.parts] == [""] * len(parts)
    model = loaded.classes["BigramLanguageModel"](11, nanogpt.Config.small())
    assert type(model) is loaded.classes["BigramLanguageModel"] is not nanogpt.BigramLanguageModel
    assert isinstance(model.blocks[0], loaded.classes["TransformerBlock"])
    assert isinstance(model.blocks[0].norm_1, loaded.classes["LayerNorm"])
    assert loaded.classes["Config"] is nanogpt.Config
