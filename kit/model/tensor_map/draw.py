"""The map as files: read the learner's state, draw, write each file whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kit import files
from kit.course.course import Course
from kit.errors import KitError
from kit.model.tensor_map.canvas import Sheet
from kit.model.tensor_map.learner_notes import Notes, all_known, read_notes
from kit.model.tensor_map.paint import paint

FORMS = (".svg", ".png")
USUAL = ("build/tensor_map.svg", "build/tensor_map.png")


def vocabulary() -> int:
    """How many characters the plays have."""
    from kit.course import corpus

    return len(set(corpus.shakespeare()))


def learned(course: Course, language: str) -> Notes:
    """The learner's notes, judged."""
    from kit.judge.judge import Judge
    from kit.judge.runners import shared_runner

    judge = Judge(shared_runner(course.root))
    try:
        return read_notes(course, judge, language)
    finally:
        judge.runner.close()


def sheet_for(config: str, sizes: dict[str, int | None], notes: Notes) -> Sheet:
    """The page for these settings in this state.

    Raises:
        KitError: a size is out of range, or the heads do not split the width.
    """
    from kit.model.tensor_map.layout import make_sheet
    from kit.model.tensor_map.parts import all_parameters, parts
    from kit.model.tensor_map.settings import read_settings

    settings = read_settings(config, vocabulary(), sizes)
    return make_sheet(settings, parts(settings), notes, all_parameters(settings))


def check_outputs(outputs: Sequence[Path]) -> None:
    """Refuse a file that is neither SVG nor PNG, before anything is drawn."""
    for path in outputs:
        if path.suffix.lower() not in FORMS:
            raise KitError("a map is an .svg or a .png", str(path), "name the file so, such as --output map.svg")


def draw_map(
    course: Course, config: str, sizes: dict[str, int | None], language: str, finished: bool, outputs: Sequence[Path]
) -> list[str]:
    """Draw the map and write it; give back what to tell, a line each.

    Raises:
        KitError: a setting or a file's name makes no sense, the judge cannot run, or a file cannot be written.
    """
    check_outputs(outputs)
    notes = all_known(course) if finished else learned(course, language)
    sheet = sheet_for(config, sizes, notes)
    told = [f"not read, so a question mark: {remark}" for remark in notes.remarks]
    boxes = [box for box in sheet.boxes if not box.brief]
    told.append(f"{sum(box.known for box in boxes)} of {len(boxes)} are noted and right")
    painted: dict[str, bytes] = {}
    for path in outputs or [course.root / name for name in USUAL]:
        form = path.suffix.lower().removeprefix(".")
        if form not in painted:
            painted[form] = paint(sheet, form)
        whole = Path.cwd() / path
        files.write(whole, painted[form], whole.parent)
        told.append(f"wrote {files.shown(whole, Path.cwd())}")
    return told
