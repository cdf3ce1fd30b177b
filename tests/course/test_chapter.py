"""The chapter model: what parses, what stops and at which line, and what a todo may contain."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings

from kit.course.blanks import SENTINEL, fill, has_sentinel, sentinel_lines
from kit.course.cells import Cell, from_notebook, from_percent, to_percent
from kit.course.chapter import Chapter, Code
from kit.course.checklist import with_ticks
from kit.course.course import Course
from kit.course.markup import parse_chapter
from kit.course.notebook import to_notebook
from kit.course.outline import outline_of
from kit.course.render import finished, learner_cells
from kit.course.syllabus import Entry
from kit.errors import KitError
from tests.support.authored import CANARY, chapters

ENTRY = Entry(1, "made_up", "Made up", 10)
PATH = "checkpoints/ch01_made_up.py"


def parse(text: str) -> Chapter:
    return parse_chapter(text, ENTRY, PATH)


@settings(max_examples=150)
@given(chapters())
def test_every_line_of_markup_becomes_one_record(text: str) -> None:
    def number(blank: int) -> str:
        return f" {blank + 1}" if blank else ""

    lines: list[str] = []
    comments: list[str] = []
    for cell in parse(text).cells:
        exercise = cell.exercise if isinstance(cell, Code) else None
        if exercise:
            lines.append(f"#! hint: {exercise.hint}")
            lines += [f"#! mistake{number(m.blank)}: {m.expression} -> {m.message}" for m in exercise.mistakes]
            lines += [f"#! alternative{number(a.blank)}: {a.expression}" for a in exercise.alternatives]
            lines += [f"#! probe: {probe}" for probe in exercise.probes]
            comments += [blank.comment for blank in exercise.blanks]
        if isinstance(cell, Code):
            lines += [f"#! redraw: {redraw}" for redraw in cell.redraws]
            assert not any(mark in cell.code for mark in ("#!", "# blank", "# %%"))
    written = text.split("\n")
    assert lines == [line.replace("mistake 1:", "mistake:") for line in written if line.startswith("#!")]
    marked = [line.partition("# blank")[2].partition(": ") for line in written if "# blank" in line]
    assert comments == [comment for parts, _, comment in marked for _ in range(max(parts.count("] [") + 1, 1))]


@settings(max_examples=150)
@given(chapters())
def test_a_todo_parses_and_holds_no_answer(text: str) -> None:
    chapter = parse(text)
    cells = learner_cells(chapter)
    for bytes_of_todo in (to_percent(learner_cells(chapter)), to_notebook(cells, "01")):
        assert CANARY not in bytes_of_todo
        assert "#!" not in bytes_of_todo
    for cell in from_percent(to_percent(learner_cells(chapter))):
        if cell.kind == "code":
            ast.parse(cell.source)
    for exercise in chapter.exercises:
        assert has_sentinel(exercise.todo)
        assert sentinel_lines(exercise.todo)


@settings(max_examples=150)
@given(chapters())
def test_todo_and_answer_differ_in_blanks_and_ticks_only(text: str) -> None:
    chapter = parse(text)
    for exercise in chapter.exercises:
        answers = [exercise.answer(n) for n in range(len(exercise.blanks))]
        pieces = exercise.todo.split(SENTINEL)
        assert "".join(a + b for a, b in zip(pieces, [*answers, ""], strict=True)) == exercise.code
    every = [item.id for item in chapter.items]
    full = from_percent(to_percent(learner_cells(chapter, finished(chapter), every)))
    empty = from_percent(to_percent(learner_cells(chapter)))
    for done, blank in zip(full, empty, strict=True):
        if done.exercise:
            assert blank.source == chapter.exercise(done.exercise).todo
        else:
            (unticked,) = with_ticks([done], dict.fromkeys(every, False))
            assert unticked.source == blank.source


@settings(max_examples=50)
@given(chapters())
def test_both_files_of_a_pair_hold_the_same_cells(text: str) -> None:
    cells = learner_cells(parse(text))
    python, notebook = from_percent(to_percent(cells)), from_notebook(to_notebook(cells, "01"))
    assert [(c.kind, c.source) for c in python] == [(c.kind, c.source) for c in notebook]


GOOD = """# %% [markdown]
# # 01 Made up

# %%
x = 3

# %%
y = x + 1  # blank: one more
check("01.01")
#! hint: add
#! mistake: x -> that is x itself
#! mistake: x - 1 -> that is one less

# %% [markdown]
# - [ ] 01.01 Add one
"""


def test_the_good_one_is_good() -> None:
    (exercise,) = parse(GOOD).exercises
    assert exercise.todo == 'y = ____  # one more\ncheck("01.01")'
    assert exercise.code == 'y = x + 1  # one more\ncheck("01.01")'
    assert [m.message for m in exercise.mistakes] == ["that is x itself", "that is one less"]


def test_a_challenge_is_the_last_exercise_and_is_not_required() -> None:
    challenge = GOOD.replace("#! hint: add\n", "#! hint: add\n#! challenge: 5 minutes\n")
    chapter = parse(challenge)
    assert chapter.exercises[0].challenge == "5 minutes" and not parse(GOOD).exercises[0].challenge
    outline = outline_of(chapter)
    assert (outline.exercises, outline.required, outline.challenge) == (("01.01",), (), "01.01")
    with pytest.raises(KitError, match=r"01\.01 is a challenge, and a challenge is the last"):
        parse(challenge + GOOD[GOOD.index("# %%\ny") :].replace("01.01", "01.02"))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("# %% [markdown]\n# # 01 Made up", "stray = 1\n# %% [markdown]\n# # 01 Made up", 1),
        ("# %% [markdown]\n# # 01 Made up", "# %% [raw]\n# # 01 Made up", 2),
        ("# # 01 Made up", "#! hint: no", 2),
        ("#! hint: add\n", "", 8),
        ("#! hint: add\n", "#! hint: add\n#! hint: more\n", 8),
        ("#! hint: add\n", "#! hint:\n", 10),
        ("#! hint: add\n", "#! hint: add\n#! challenge: 5 minutes\n#! challenge: 6 minutes\n", 8),
        ("#! hint: add\n", "#! hnit: add\n", 10),
        ("#! hint: add\n", "#! hint 2: add\n", 10),
        ("#! hint: add\n", "#! hint: add\nz = 1\n", 11),
        ("#! mistake: x -> that is x itself\n", "", 8),
        ("x -> that is x itself", "x", 11),
        ("x -> that is x itself", "x ->", 11),
        ("mistake: x -> that", "mistake 2: x -> that", 11),
        ("x -> that is x itself", "x + -> that is x itself", 11),
        ("#! mistake: x - 1", "#! alternative: 1 +\n#! mistake: x - 1", 12),
        ("#! mistake: x - 1", "#! probe: 1 +\n#! mistake: x - 1", 12),
        ("#! mistake: x - 1", "#! redraw: 1 +\n#! mistake: x - 1", 12),
        ("x = 3", "x = 3\n#! hint: lost", 6),
        ("x = 3", "x = 3  # blank", 5),
        ("x = 3", "x = 3\n#| export", 6),
        ("x = 3", "#| export\nx = 3", 6),
        ("x = 3", "#| export it\nx = 3", 5),
        ("x = 3", "x = ____", 5),
        ("x = 3", "x = (", 5),
        ("  # blank: one more", "", 8),
        ("# blank: one more", "# blank one more", 8),
        ("# blank: one more", "# blank [x", 8),
        ("# blank: one more", "# blank []", 8),
        ("# blank: one more", "# blank [z]", 8),
        ("# blank: one more", "# blank [1] [x]", 8),
        ("# blank: one more", "# blank [x +]", 8),
        ("y = x + 1  # blank: one more", "y = x + x  # blank [x]", 8),
        ("y = x + 1  # blank: one more", "for y in x:  # blank\n    pass", 8),
        ("y = x + 1  # blank: one more", "import os  # blank", 8),
        ('check("01.01")', 'check("01.01")\nz = 2', 9),
        ('check("01.01")', 'check("02.01")', 8),
        ('check("01.01")', 'check("01.01")\ncheck("01.02")', 8),
        ("- [ ] 01.01 Add one", "no item", None),
        ("- [ ] 01.01 Add one", "- [x] 01.01 Add one", 15),
        ("- [ ] 01.01 Add one", "- [ ] 01.01 Add one\n# - [ ] 01.01 again", 16),
        ("- [ ] 01.01 Add one", "- [ ] 01.01 Add one\n# - [ ] 01.02 nothing", 16),
        ("- [ ] 01.01 Add one", "- [ ] 01.01 Add one\n# - [ ] 02.r1 elsewhere", 16),
    ],
)
def test_markup_errors_name_their_line(old: str, new: str, line: int | None) -> None:
    assert old in GOOD
    with pytest.raises(KitError) as caught:
        parse(GOOD.replace(old, new, 1))
    where = caught.value.where
    assert where == (f"{PATH}:{line}" if line else where)
    assert where.startswith(PATH)
    assert caught.value.what


def test_ids_ascend() -> None:
    second = GOOD[GOOD.index("# %%\ny = ") :].replace("01.01", "01.00")
    with pytest.raises(KitError):
        parse(GOOD + "\n" + second)


def test_blank_forms() -> None:
    text = GOOD.replace(
        "y = x + 1  # blank: one more",
        "y = x[0: 2]  # blank [x[0: 2]]: a slice: the first two\n"
        "print(y)  # blank\ny += 3  # blank\nw: int = 4  # blank",
    )
    (exercise,) = parse(text).exercises
    assert exercise.todo == 'y = ____  # a slice: the first two\n____\ny += ____\nw: int = ____\ncheck("01.01")'
    assert [exercise.answer(n) for n in range(4)] == ["x[0: 2]", "print(y)", "3", "4"]


def test_a_comment_or_a_string_is_no_blank() -> None:
    assert not has_sentinel('x = "____"  # ____')
    assert has_sentinel("x = ____")
    assert has_sentinel("x = (____")
    assert not has_sentinel("x = (1  # ____")
    assert sentinel_lines("a = 1\nb = ____\nc = ____ + ____") == [2, 3]
    assert sentinel_lines("a = (\n  ____") == [2]


def test_fill_puts_texts_where_blanks_are() -> None:
    (exercise,) = parse(GOOD).exercises
    assert fill(exercise.code, exercise.blanks, ["7"]).startswith("y = 7  #")
    assert exercise.with_answer(0, "x * 2").startswith("y = x * 2  #")


def test_continued_directives_are_one_line() -> None:
    text = GOOD.replace("#! hint: add", "#! hint: add\n#!   the number\n#!   one")
    assert parse(text).exercises[0].hint == "add the number one"


def test_sources_on_disk(course: Course) -> None:
    path = course.sources / "ch00_first.py"
    good = path.read_bytes()
    chapter = Course(course.root).chapter("00")
    path.write_bytes(good.replace(b"\n", b"\r\n"))  # as in a checkout on Windows
    assert Course(course.root).chapter("00") == chapter
    path.write_bytes(good.replace(b"word", b"wo\rrd"))
    with pytest.raises(KitError):
        Course(course.root).chapter("00")
    path.write_bytes(b"# %%\nx = '\xff'\n")
    with pytest.raises(KitError):
        Course(course.root).chapter("00")
    path.unlink()
    with pytest.raises(KitError) as caught:
        Course(course.root).chapter("00")
    assert caught.value.where == "checkpoints/ch00_first.py"


def test_an_own_answer_takes_the_place_of_the_todo(course: Course) -> None:
    chapter = course.chapter("00")
    cells = learner_cells(chapter, {"00.01": 'length = 5\ncheck("00.01")'}, ["00.01"])
    assert Cell("code", 'length = 5\ncheck("00.01")', 0).exercise in [cell.exercise for cell in cells]
    assert sum("- [x]" in cell.source for cell in cells) == 1
