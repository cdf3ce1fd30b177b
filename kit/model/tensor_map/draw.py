"""The map as files: read what the learner has noted, draw the map, and write each file completely or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kit import files
from kit.course.course import Course
from kit.errors import KitError
from kit.model.tensor_map.learner_notes import Notes, all_known, read_notes

FORMATS = (".svg", ".png")
DEFAULT_OUTPUTS = ("build/tensor_map.svg", "build/tensor_map.png")


def vocabulary() -> int:
    """How many different characters the plays have."""
    from kit.course import corpus

    return len(set(corpus.shakespeare()))


def judged_notes(course: Course, language: str) -> Notes:
    """The learner's notes, judged."""
    from kit.judge.judge import Judge
    from kit.judge.trials.runners import shared_runner

    judge = Judge(shared_runner(course.root))
    try:
        return read_notes(course, judge, language)
    finally:
        judge.runner.close()


def draw_map(
    course: Course, config: str, sizes: dict[str, int | None], language: str, finished: bool, outputs: Sequence[Path]
) -> list[str]:
    """Draw the map and write it to `outputs`. Returns what to print, one line each.

    Raises:
        KitError: a setting or a file name makes no sense, the judge can't run, or a file can't be written.
    """
    for path in outputs:
        if path.suffix.lower() not in FORMATS:
            raise KitError("the map can only be an .svg or a .png", str(path), "give it such a name: --output map.svg")
    notes = all_known(course) if finished else judged_notes(course, language)

    from kit.model.tensor_map.layout import lay_out
    from kit.model.tensor_map.paint import paint
    from kit.model.tensor_map.parts import all_parameters, parts
    from kit.model.tensor_map.settings import read_settings

    settings = read_settings(config, vocabulary(), sizes)
    sheet = lay_out(settings, parts(settings), notes, all_parameters(settings))
    printed = [f"couldn't read {remark}; shown as a question mark" for remark in notes.remarks]
    printed.append(f"{sheet.known} of {len(sheet.parts_shown)} shapes are noted and right")
    painted: dict[str, bytes] = {}
    for path in outputs or [course.root / name for name in DEFAULT_OUTPUTS]:
        extension = path.suffix.lower().removeprefix(".")
        if extension not in painted:
            painted[extension] = paint(sheet, extension)
        target = Path.cwd() / path
        files.write(target, painted[extension], target.parent)
        printed.append(f"wrote {files.shown(target, Path.cwd())}")
    return printed
