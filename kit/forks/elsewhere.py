"""Work at a fork's tip that no chapter counts: copies, files of other names, folders of the student's own.

tree of the tip --files_elsewhere--> ChapterFile, ... --notes_on_files--> "work elsewhere, not counted: ..."

Only what could be a chapter is opened: a notebook, or a script with a chapter's number in its name. Folders of the
course and hidden ones are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from kit.forks.chapters import ChapterReader
from kit.forks.listing import ChapterFile, Listing
from kit.forks.objects import FOLDER, ObjectStore, why_unread
from kit.forks.records import ForkTrouble
from kit.pairs.progress import ChapterProgress
from kit.text import label, plural

COURSE_FOLDERS = frozenset(
    {
        *("benchmarks", "checkpoints", "docs", "kit", "labextension", "models"),
        *("nanogpt", "node_modules", "scripts", "tests", "translations"),
    }
)
MAYBE = re.compile(r"(?:.*ch\d\d.*\.py|.*\.ipynb)", re.IGNORECASE | re.DOTALL)
DEEPEST = 3  # folders inside folders
MOST_FOLDERS, MOST_FILES = 60, 120  # that are looked at in one fork
MOST_NOTES = 3


def files_elsewhere(objects: ObjectStore, tree: str, counted: Collection[str]) -> Iterator[ChapterFile]:
    """The files that could be a chapter's and aren't `counted`, as records without a chapter; `language` is a folder.

    Raises:
        ForkTrouble: a folder can't be read.
    """
    waiting = [("", tree, 0)]
    for _ in range(MOST_FOLDERS):
        if not waiting:
            return
        folder, oid, depth = waiting.pop(0)
        for octal, raw, inner in objects.tree(oid):
            name, mode = raw.decode(errors="replace"), int(octal, 8)
            path = f"{folder}{name}"
            if name.startswith((".", "__")) or (not folder and name in COURSE_FOLDERS):
                continue
            if mode == FOLDER and depth < DEEPEST:
                waiting.append((f"{path}/", inner.hex(), depth + 1))
            elif not why_unread(mode) and path not in counted and MAYBE.fullmatch(name):
                yield ChapterFile("", folder, name, inner.hex())


def notes_on_files(
    objects: ObjectStore,
    reader: ChapterReader,
    tree: str,
    listing: Listing,
    chapters: Mapping[str, ChapterProgress],
) -> Iterator[str]:
    """A note for each of the first few files that have exercises filled which the fork's chapters lack."""
    lacking = reader.exercises.difference(*(progress.filled for progress in chapters.values()))
    if not lacking:
        return
    said = 0
    for number, file in enumerate(files_elsewhere(objects, tree, reader.counted(listing))):
        if number == MOST_FILES or said == MOST_NOTES:
            return
        try:
            answers = reader.side(objects, file).answers
        except ForkTrouble:
            continue
        more = [x for x, answer in answers.items() if answer.filled and x in lacking]
        if more:
            said += 1
            path = label(f"{file.language}{file.name}")
            yield f"work elsewhere, not counted: {path} has {plural(len(more), 'exercise')} filled"
