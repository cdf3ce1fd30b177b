"""The tensor map: what hooks see, what the learner has noted, what's on the page and in the files."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree

import pytest

from kit.course.course import ROOT, Course
from kit.errors import KitError
from kit.judge.judge import Judge
from kit.judge.trials import runners
from kit.judge.trials.runners import ForkRunner
from kit.model.tensor_map import draw
from kit.model.tensor_map.canvas import PAGE, Sheet
from kit.model.tensor_map.layout import lay_out
from kit.model.tensor_map.learner_notes import Line, Notes, all_known, asked, entries, lines, read_notes
from kit.model.tensor_map.paint import paint
from kit.model.tensor_map.parts import PLAN, all_parameters, parts
from kit.model.tensor_map.settings import Settings, read_settings
from kit.model.tensor_map.trace import trace
from scripts import tensor_map
from tests.support import fake_course

SVG = "{http://www.w3.org/2000/svg}"
SMALL, DEFAULT = (read_settings(name, 64, {}) for name in ("small", "default"))
SHAPES = """# %% [markdown]
# # 01 Second steps
#
# Goal: shapes. 20 minutes.

# %%
from dataclasses import dataclass

from workshop import ____, check


@dataclass
class Config:
    batch: int = 2
    hidden: int = 3
    vocab: int = 5


config = Config()
#! redraw: config = Config(7, 11, 13)

# %%
shapes = {
    "ids": (config.batch, 4),
    "hidden": (config.batch, config.hidden),  # blank [(config.batch, config.hidden)]: two numbers
    "logits": (config.batch, config.vocab),  # blank [(config.batch, config.vocab)]: two numbers
}
check("01.01")
#! hint: look at the settings
#! mistake: (config.hidden, config.batch) -> the batch comes first
#! mistake 2: (config.vocab, config.batch) -> the batch comes first

# %% [markdown]
# - [ ] 01.01 Note the shapes
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Course, ForkRunner]]:
    """A course with one `shapes` exercise, and one warm process for all of these tests."""
    root = tmp_path_factory.mktemp("map") / "course"
    fake_course.make_course(root)
    (root / "checkpoints" / "ch01_second.py").write_text(SHAPES)
    warm = ForkRunner(root)
    yield Course(root), warm
    warm.close()


@pytest.fixture
def noted(shared: tuple[Course, ForkRunner], monkeypatch: pytest.MonkeyPatch) -> Course:
    """The same course, untouched; anything that asks for a runner gets the warm one, and can't close it."""
    course, warm = shared
    fake_course.write_pair(course, "01", {}, ())
    monkeypatch.setattr(runners, "shared_runner", lambda root: warm)
    monkeypatch.setattr(warm, "close", lambda: None)
    monkeypatch.setattr(draw, "vocabulary", lambda: 64)
    monkeypatch.chdir(course.root)
    return course


def cell(hidden: str, logits: str) -> str:
    return (
        f'shapes = {{\n    "ids": (config.batch, 4),\n    "hidden": {hidden},\n    "logits": {logits},\n}}\n'
        'check("01.01")'
    )


def fill(course: Course, hidden: str, logits: str) -> None:
    fake_course.write_pair(course, "01", {"01.01": cell(hidden, logits)}, ())


def known(course: Course) -> set[str]:
    return set(read_notes(course, Judge(runners.shared_runner(course.root))).known)


def texts(svg: bytes) -> list[str]:
    """The lines of text in a picture, sorted."""
    return sorted("".join(node.itertext()).strip() for node in ElementTree.fromstring(svg).iter(f"{SVG}text"))


def sheet(settings: Settings, notes: Notes) -> Sheet:
    return lay_out(settings, parts(settings), notes, all_parameters(settings))


@pytest.fixture(scope="module")
def finished() -> Notes:
    return all_known(Course())


def test_shapes_are_seen_in_the_model_and_named() -> None:
    found = parts(SMALL)
    assert found["attention weights"].sizes == ((1, 8, 8),)
    assert found["attention weights"].names == (("batch", "sequence", "sequence"),)
    assert found["queries, keys, values"].sizes == ((1, 8, 4),)
    assert found["mean"].in_names == "(batch, sequence, 1)"
    assert found["generated"].sizes == ((1, 108),)
    assert found["flat logits"].names == (("batch · sequence", "vocab"),)
    assert found["loss"].sizes == ((),)
    assert found["expand"].sizes == ((16, 8), (16,))
    assert found["query, key, value weights"].in_numbers == "3 × (4, 8)"
    assert {found[name].sizes for name in ("token table", "its gradient", "mean of its gradients")} == {((64, 8),)}


def test_the_parameters_on_the_map_are_all_there_are() -> None:
    for settings in (SMALL, DEFAULT):
        found = parts(settings)
        head = found["query, key, value weights"].count
        once = ("norm_1: gain, bias", "projection", "norm_2: gain, bias", "expand", "contract")
        block = settings.heads * head + sum(found[name].count for name in once)
        ends = ("token table", "position table", "last norm: gain, bias", "to_scores")
        assert settings.layers * block + sum(found[name].count for name in ends) == all_parameters(settings)


def test_a_pass_without_numbers_sees_the_same() -> None:
    assert trace(SMALL, "cpu") == trace(SMALL)
    assert trace(DEFAULT, "cpu") == trace(DEFAULT)


@pytest.mark.parametrize(
    "words",
    [
        ["--width", "10", "--heads", "4"],
        ["--batch", "0"],
        ["--layers", "-1"],
        ["--output", "map.pdf"],
        ["--output", "map"],
    ],
)
def test_what_makes_no_model_or_file_is_refused(
    noted: Course, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert tensor_map.main([*words, "--finished"]) == 2
    captured = capsys.readouterr()
    assert words[-2] in captured.err or words[-1] in captured.err
    assert len(captured.err.splitlines()) == 1
    assert not (noted.root / "build").exists()


def test_lines_of_an_exercise(shared: tuple[Course, ForkRunner]) -> None:
    exercise = shared[0].exercise("01.01")[1]
    assert lines(exercise) == (Line("01.01", "ids", None), Line("01.01", "hidden", 0), Line("01.01", "logits", 1))
    assert entries("shapes = {1: 2, **more, 'a': (b,)}").keys() == {"a"}
    assert entries("shapes = [") == entries("other = {'a': 1}") == {}


def test_every_line_of_the_course_is_on_the_map_and_every_part_is_asked_for() -> None:
    keys = asked(Course())
    on_the_map = {key for entry in PLAN for key in entry.keys or (entry.name,)}
    assert set(keys) == on_the_map
    assert {keys["mean"], keys["head output"], keys["ids"]} == {"05.12", "06.27", "03.10"}


@pytest.mark.parametrize(
    ("hidden", "logits", "want"),
    [
        ("____", "____", set()),
        ("(config.batch, config.hidden)", "(config.batch, config.vocab)", {"ids", "hidden", "logits"}),
        ("tuple([config.batch, config.hidden])", "(config.batch, 5)", {"hidden"}),
        ("(2, 3)", "____", set()),
        ("____", "(config.batch, config.vocab)", {"logits"}),
        ("(config.batch, config.hidden)", "1 / 0", {"hidden"}),
        ("(", "____", set()),
    ],
)
def test_each_line_is_judged_alone(noted: Course, hidden: str, logits: str, want: set[str]) -> None:
    fill(noted, hidden, logits)
    assert known(noted) == want


def test_a_cell_written_in_another_way_passes_as_a_whole(noted: Course) -> None:
    dictionary = "shapes = dict(ids=(b, 4), hidden=(b, config.hidden), logits=(b, config.vocab))"
    own = f'b = config.batch\n{dictionary}\ncheck("01.01")'
    fake_course.write_pair(noted, "01", {"01.01": own}, ())
    assert known(noted) == {"ids", "hidden", "logits"}


@pytest.mark.parametrize("damage", ["missing", "no notebook", "conflict", "no cell", "not text"])
def test_a_file_that_cannot_be_read_is_question_marks(
    noted: Course, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stem = noted.pairs() / "ch01_second"
    python, notebook = stem.with_suffix(".py"), stem.with_suffix(".ipynb")
    notebook.unlink()
    contents = {"no notebook": b"", "conflict": b"<<<<<<< a\n=======\n>>>>>>> b\n", "no cell": b"# %%\nx = 1\n"}
    if damage == "missing":
        python.unlink()
    elif damage == "no notebook":
        python.unlink()
        notebook.write_bytes(b'{"cells": [')
    else:
        python.write_bytes(contents.get(damage, b"\0\xff"))
    assert tensor_map.main(["--config", "small", "--output", "map.svg"]) == 0
    assert capsys.readouterr().out.count("01.01") == 1
    seen = texts((noted.root / "map.svg").read_bytes())
    asked_for = [entry for entry in PLAN if {"ids", "hidden", "logits"} & set(entry.keys or (entry.name,))]
    assert seen.count("note it in 01.01") == len(asked_for)
    assert any("01.01" in line and line.startswith("Not read") for line in seen)


def test_an_untouched_fork_is_all_question_marks() -> None:
    course = Course()
    untouched = sheet(SMALL, Notes(asked(course)))
    assert not any(box.known for box in untouched.boxes)
    seen = texts(paint(untouched, "svg"))
    assert seen.count("?") == len(untouched.boxes)
    assert not [text for text in seen if text.startswith("(")]
    places = {text.removeprefix("note it in ") for text in seen if text.startswith("note it in ")}
    assert places == set(asked(course).values())


def test_a_finished_course_has_no_question_mark(finished: Notes) -> None:
    whole = sheet(SMALL, finished)
    assert all(box.known for box in whole.boxes)
    seen = texts(paint(whole, "svg"))
    assert "?" not in seen
    assert {"(batch, sequence, width)", "(1, 8, 8)", "heads side by side", "(16, 8) + (16,)"} <= set(seen)


def test_half_the_course_is_half_the_map(finished: Notes) -> None:
    half = Notes(finished.asked, frozenset({"mean", "head output"}))
    drawn = sheet(SMALL, half)
    named = {box.part.name for box in drawn.boxes if box.known}
    assert named == {"mean", "head output"}
    seen = texts(paint(drawn, "svg"))
    assert "(batch, sequence, 1)" in seen
    assert seen.count("note it in 03.10") == 6
    assert seen.count("?") == sum(not box.known for box in drawn.boxes)


@pytest.mark.parametrize("heads", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("layers", [1, 7])
def test_boxes_lie_on_the_page_and_on_no_other(finished: Notes, heads: int, layers: int) -> None:
    settings = replace(DEFAULT, heads=heads, layers=layers)
    drawn = lay_out(settings, parts(SMALL), finished, 0)
    for box in drawn.boxes:
        assert box.x >= 7 and box.x + box.width <= PAGE[0] - 7
        assert box.y >= 25 and box.y + box.height <= PAGE[1] - 7
    for one, other in combinations(drawn.boxes, 2):
        apart = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y
    for box in drawn.boxes:
        for x, y in (point for arrow in drawn.arrows for point in arrow.points):
            assert not (box.x < x < box.x + box.width and box.y < y < box.y + box.height)


def test_the_picture_speaks(finished: Notes) -> None:
    root = ElementTree.fromstring(paint(sheet(SMALL, finished), "svg"))
    title, text = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.attrib["role"] == "img"
    assert title is not None and title.attrib["id"] in root.attrib["aria-labelledby"]
    assert text is not None and text.text is not None
    assert all(entry.name in text.text for entry in PLAN)


def test_two_files_by_default_and_the_same_twice(noted: Course, capsys: pytest.CaptureFixture[str]) -> None:
    fill(noted, "(config.batch, config.hidden)", "____")
    assert tensor_map.main(["--config", "small"]) == 0
    wrote = [line.removeprefix("wrote ") for line in capsys.readouterr().out.splitlines() if line.startswith("wrote ")]
    assert wrote == list(draw.DEFAULT_OUTPUTS)
    svg, png = (noted.root / name for name in wrote)
    first = svg.read_bytes()
    assert texts(first).count("note it in 01.01") == 3  # the ids, the logits, and the matrix that makes these
    header = png.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", header[16:]) == (1240, 1753)  # A4 at 150 dots an inch
    assert tensor_map.main(["--config", "small"]) == 0
    assert svg.read_bytes() == first


def test_a_file_that_cannot_be_written_is_one_sentence(noted: Course, capsys: pytest.CaptureFixture[str]) -> None:
    (noted.root / "taken.svg").mkdir()
    assert tensor_map.main(["--finished", "--output", "taken.svg"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not list(noted.root.glob(".taken*"))


def test_the_map_in_the_documents_is_up_to_date(finished: Notes) -> None:
    committed = (ROOT / "docs" / "tensor_map.svg").read_bytes()
    assert texts(committed) == texts(paint(sheet(read_settings("default", draw.vocabulary(), {}), finished), "svg"))
    assert "docs/tensor_map.svg" in re.findall(r"!\[[^\]]{80,}\]\(([^)]+)\)", (ROOT / "README.md").read_text())


def test_settings_say_what_is_wrong() -> None:
    with pytest.raises(KitError) as refusal:
        replace(DEFAULT, width=10, heads=3)
    assert (refusal.value.where, bool(refusal.value.next)) == ("--heads", True)
