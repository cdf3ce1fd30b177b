from __future__ import annotations

import pytest

from kit.course.course import Course
from kit.course.outline import Outline, outline_of
from kit.pairs.fast_read import Side, read_side
from kit.pairs.progress import EQUAL, MOST_FLAGS, ChapterProgress, Flag, chapter_progress
from tests.support.forks import answers, notebook, script

TODO: dict[str, str] = {}


@pytest.fixture
def outline(course: Course) -> Outline:
    return outline_of(course.chapter("00"))


def sides(
    course: Course, left: tuple[dict[str, str], list[str]], right: tuple[dict[str, str], list[str]]
) -> list[Side]:
    chapter = course.chapter("00")
    return [read_side(script(chapter, *left), False), read_side(notebook(chapter, *right), True)]


def test_outline(outline: Outline) -> None:
    assert outline.exercises == ("00.01", "00.02")
    assert outline.items == ("00.01", "00.02", "00.r1")
    assert outline.blanks == {"00.01": 1, "00.02": 2}


def test_nothing_done(course: Course, outline: Outline) -> None:
    progress = chapter_progress(outline, *sides(course, (TODO, []), (TODO, [])))
    assert (progress.total, progress.ticked, progress.filled, progress.verified, progress.flags) == (
        3,
        (),
        (),
        None,
        (),
    )


def test_both_sides_agree(course: Course, outline: Outline) -> None:
    done = answers(course.chapter("00"), "00.01")
    progress = chapter_progress(outline, *sides(course, (done, ["00.01", "00.r1"]), (done, ["00.01", "00.r1"])))
    assert progress.ticked == ("00.01", "00.r1")
    assert progress.filled == ("00.01",)
    assert progress.flags == ()


@pytest.mark.parametrize("swap", [False, True])
def test_one_side_only_counts_and_is_stale(course: Course, outline: Outline, swap: bool) -> None:
    done = answers(course.chapter("00"), "00.01")
    both = [(done, ["00.01"]), (TODO, list[str]())]
    progress = chapter_progress(outline, *sides(course, *(both[::-1] if swap else both)))  # type: ignore[arg-type]
    assert progress.ticked == ("00.01",)
    assert progress.filled == ("00.01",)
    assert progress.flags == (Flag("pair stale"),)


def test_a_tick_alone_makes_a_pair_stale(course: Course, outline: Outline) -> None:
    done = answers(course.chapter("00"), "00.01")
    progress = chapter_progress(outline, *sides(course, (done, ["00.01"]), (done, [])))
    assert progress.ticked == ("00.01",)
    assert progress.flags == (Flag("pair stale"),)


def test_both_edited_and_different(course: Course, outline: Outline) -> None:
    left, right = {"00.01": 'length = 5\ncheck("00.01")'}, {"00.01": 'length = 6\ncheck("00.01")'}
    progress = chapter_progress(outline, *sides(course, (left, []), (right, [])))
    assert progress.filled == ("00.01",)
    assert progress.flags == (Flag("pair differs", ("00.01",)),)


def test_one_filled_and_one_begun_differ(course: Course, outline: Outline) -> None:
    begun = {"00.02": 'first = word[0]\nlast = ____\ncheck("00.02")'}
    progress = chapter_progress(outline, *sides(course, (begun, []), (answers(course.chapter("00"), "00.02"), [])))
    assert progress.filled == ("00.02",)
    assert progress.flags == (Flag("pair differs", ("00.02",)),)


def test_a_half_filled_exercise_is_not_filled(course: Course, outline: Outline) -> None:
    begun = {"00.02": 'first = word[0]\nlast = ____\ncheck("00.02")'}
    assert chapter_progress(outline, *sides(course, (begun, []), (begun, []))).filled == ()


def test_an_emptied_exercise_is_not_filled(course: Course, outline: Outline) -> None:
    emptied = {"00.01": '# later\ncheck("00.01")'}
    assert chapter_progress(outline, *sides(course, (emptied, []), (emptied, []))).filled == ()


def test_spaces_at_line_ends_are_no_difference(course: Course, outline: Outline) -> None:
    left, right = {"00.01": 'length = 5\ncheck("00.01")'}, {"00.01": 'length = 5  \ncheck("00.01")'}
    assert chapter_progress(outline, *sides(course, (left, []), (right, []))).flags == ()


def test_ticked_but_blank(course: Course, outline: Outline) -> None:
    progress = chapter_progress(
        outline, *sides(course, (TODO, ["00.01", "00.02", "00.r1"]), (TODO, ["00.01", "00.02", "00.r1"]))
    )
    assert progress.ticked == ("00.01", "00.02", "00.r1")
    assert progress.filled == ()
    assert [str(flag) for flag in progress.flags] == ["ticked but blank 00.01, 00.02"]


def test_equal_to_the_finished_chapter(course: Course, outline: Outline) -> None:
    ours = {exercise.id: exercise.code for exercise in course.chapter("00").exercises}
    assert Flag(EQUAL) in chapter_progress(outline, *sides(course, (ours, []), (ours, []))).flags
    mine = ours | answers(course.chapter("00"), "00.01")
    assert Flag(EQUAL) not in chapter_progress(outline, *sides(course, (mine, []), (mine, []))).flags
    assert Flag(EQUAL) not in chapter_progress(outline, *sides(course, (TODO, []), (TODO, []))).flags


def test_files_that_are_missing(outline: Outline, course: Course) -> None:
    left, right = sides(course, (TODO, []), (TODO, []))
    assert chapter_progress(outline, None, None).flags == (Flag("missing"),)
    assert chapter_progress(outline, left, None).flags == (Flag("notebook missing"),)
    assert chapter_progress(outline, None, right).flags == (Flag("script missing"),)


@pytest.mark.parametrize(
    "flag", ["conflict", "binary", "not text", "symlink", "submodule", "folder", "too large", "unreadable notebook"]
)
def test_a_side_that_could_not_be_read(course: Course, outline: Outline, flag: str) -> None:
    done = answers(course.chapter("00"), "00.01")
    left, right = sides(course, (done, ["00.01"]), (done, ["00.01"]))
    unread = Side({}, {}, (flag,))
    for progress in (chapter_progress(outline, unread, right), chapter_progress(outline, left, unread)):
        assert progress.flags == (Flag(flag),)
        assert progress.filled == (() if flag == "conflict" else ("00.01",))
        assert progress.ticked == (() if flag == "conflict" else ("00.01",))
    assert chapter_progress(outline, unread, unread).flags == (Flag(flag),)


def test_against_the_syllabus(outline: Outline) -> None:
    text = b'# %%\nx = 1\ncheck("00.07")\n# %% [markdown]\n# - [x] 00.09 more\n# - [x] 00.01 one\n'
    side = read_side(text, False)
    progress = chapter_progress(outline, side, side)
    assert progress.ticked == ("00.01",)
    assert progress.filled == ()
    assert {flag.word: flag.ids for flag in progress.flags} == {
        "ticked but blank": ("00.01",),
        "exercise missing": ("00.01", "00.02"),
        "item missing": ("00.02", "00.r1"),
        "unknown exercise": ("00.07",),
        "unknown item": ("00.09",),
    }


def test_a_flood_of_flags_is_bounded(outline: Outline) -> None:
    lines = b"".join(b"# - [\x1b%d] 00.%02d x\n" % (n % 10, n % 100) for n in range(3000))
    ids = [f"{n:02d}.{m:02d}" for n in range(50) for m in range(50)]
    more = "".join(f"# - [ ] {item_id} x\n" for item_id in ids).encode()
    side = read_side(b"# %% [markdown]\n" + lines + b"\n" + more, False)
    progress = chapter_progress(outline, side, side)
    assert len(progress.flags) <= MOST_FLAGS + 10
    assert all(len(str(flag)) < 250 for flag in progress.flags)
    assert all(str(flag).isprintable() for flag in progress.flags)


def test_a_flag_counts_what_it_does_not_name() -> None:
    assert str(Flag("odd", tuple(f"00.{n:02d}" for n in range(14)))).endswith("00.11 and 2 more")


def merged(course: Course, done: tuple[str, ...], layout: str, ticked: list[str]) -> ChapterProgress:
    """Progress where the cells of 00.01 and 00.02 were merged, of which these are done."""
    chapter = course.chapter("00")
    text = script(chapter, None, ticked).decode()
    codes = [chapter.exercise(x).code if x in done else chapter.exercise(x).todo for x in ("00.01", "00.02")]
    one, two = ("\n".join(line for line in code.split("\n") if not line.startswith("check(")) for code in codes)
    start = text.index("# %%\n" + chapter.exercise("00.01").todo)
    end = text.index("# %% [markdown]\n# - [")
    cell = layout.format(one=one, two=two, a='check("00.01")', b='check("00.02")')
    outline = outline_of(chapter)
    side = read_side(f"{text[:start]}# %%\n{cell}\n\n{text[end:]}".encode(), False)
    return chapter_progress(outline, side, side)


@pytest.mark.parametrize("done", [(), ("00.01",), ("00.02",), ("00.01", "00.02")])
@pytest.mark.parametrize(
    "layout",
    [
        "{one}\n{a}\n{two}\n{b}",
        "{one}\n{two}\n{a}\n{b}",
        "{one}\n{two}\n{b}\n{a}",
        "{a}\n{b}\n{one}\n{two}",
        "{one}\n{two}\n{a}; {b}",
        "{one}\n{two}\nif True:\n    {a}\n    {b}",
    ],
)
def test_two_exercises_in_one_cell(course: Course, layout: str, done: tuple[str, ...]) -> None:
    progress = merged(course, done, layout, [*done])
    assert (progress.filled, progress.flags) == (done, ())


def test_two_exercises_in_one_cell_with_one_check(course: Course) -> None:
    both = ("00.01", "00.02")
    progress = merged(course, both, "{one}\n{two}\n{b}", [*both])
    assert (progress.filled, progress.flags) == (("00.02",), (Flag("exercise missing", ("00.01",)),))
    progress = merged(course, (), "{one}\n{two}\n{a}\n{b}", ["00.01"])
    assert [str(flag) for flag in progress.flags] == ["ticked but blank 00.01"]


@pytest.mark.parametrize(
    "before",
    [
        "# ```\n# - [ ] 00.01 like this\n# ```\n",
        "# ~~~text\n# - [ ] 00.01 like this\n# ~~~\n",
        "# <!-- - [ ] 00.01 old -->\n",
        "# <!--\n# - [ ] 00.01 old\n# -->\n",
        '# <!-- <input type="checkbox"> 00.01 -->\n',
    ],
)
def test_boxes_that_are_not_shown_are_none(course: Course, outline: Outline, before: str) -> None:
    text = script(course.chapter("00"), answers(course.chapter("00"), "00.01"), ["00.01"]).decode()
    for line in ("# - [x] 00.01", "# - [ ] 00.01"):
        data = text.replace("# - [x] 00.01", before + line).encode()
        side = read_side(data, False)
        progress = chapter_progress(outline, side, side)
        assert progress.ticked == (("00.01",) if "x" in line else ())
        assert progress.flags == ()
