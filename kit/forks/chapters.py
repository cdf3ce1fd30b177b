"""Chapters of forks, read from their files. What forks share is read once: objects with the same id are the same.

ChapterFile --side--> Side --pair--> ChapterProgress, of all languages --all_progress--> {id: progress}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kit.course.blanks import SENTINEL
from kit.course.outline import Outline
from kit.forks.flag_lines import text_in, with_line
from kit.forks.listing import ChapterFile, Listing, list_tree
from kit.forks.objects import LARGEST_BLOB, ObjectStore
from kit.forks.records import ForkTrouble
from kit.lru import LruDict
from kit.pairs.fast_read import Side, read_side
from kit.pairs.progress import ChapterProgress, Flag, chapter_progress, fills, merged_progress

KEPT_SIDES = 4096
KEPT_LISTINGS = 2048
KEPT_PAIRS = 8192
TOO_LARGE = Side({}, {}, ("too large",))
Languages = Mapping[str, tuple[ChapterFile, ...]]  # one chapter's files by language


class ChapterReader:
    """Reads chapters of any fork. Its methods raise `ForkTrouble` where an object can't be read."""

    def __init__(self, outlines: tuple[Outline, ...]) -> None:
        self.outlines = {outline.id: outline for outline in outlines}
        self.exercises = frozenset(x for outline in outlines for x in outline.exercises)
        self.sides: LruDict[tuple[str, bool], Side] = LruDict(KEPT_SIDES)
        self.listings: LruDict[str, Listing] = LruDict(KEPT_LISTINGS)
        self.pairs: LruDict[tuple[str, tuple[ChapterFile, ...]], ChapterProgress] = LruDict(KEPT_PAIRS)

    def side(self, objects: ObjectStore, file: ChapterFile) -> Side:
        """What one file says. We ask for its size before reading it."""
        if file.flag:
            return Side({}, {}, (file.flag,))
        key = (file.oid, file.notebook)
        try:
            return self.sides[key]
        except KeyError:
            large = objects.size(file.oid) > LARGEST_BLOB
            self.sides[key] = found = TOO_LARGE if large else read_side(objects.blob(file.oid), file.notebook)
            return found

    def listing(self, objects: ObjectStore, tree: str) -> Listing:
        """The chapters' files in a commit's tree; none if it has no `workshop` folder."""
        workshop, _ = objects.find_workshop(tree)
        return list_tree(objects, workshop, self.listings) if workshop else {}

    def counted(self, listing: Listing) -> frozenset[str]:
        """The paths of the files that count; a copy beside a chapter's own file doesn't."""
        found: set[str] = set()
        for (chapter_id, _), files in listing.items():
            if chapter_id in self.outlines:
                found |= {file.path for file in own_first(self.outlines[chapter_id], files).values()}
        return frozenset(found)

    def all_progress(self, objects: ObjectStore, listing: Listing) -> dict[str, ChapterProgress]:
        """The progress in each chapter of the course.

        Raises:
            ForkTrouble: it has no chapter of this course, or something can't be read.
        """
        by_chapter: dict[str, dict[str, tuple[ChapterFile, ...]]] = {chapter_id: {} for chapter_id in self.outlines}
        for (chapter_id, language), files in listing.items():
            if chapter_id in by_chapter:
                by_chapter[chapter_id][language] = files
        if not any(by_chapter.values()):
            raise ForkTrouble("no course", "it has no chapter of this course")
        return {chapter_id: self.progress(objects, chapter_id, files) for chapter_id, files in by_chapter.items()}

    def progress(self, objects: ObjectStore, chapter_id: str, languages: Languages) -> ChapterProgress:
        """The progress in one chapter. Work in several languages is merged by id, and what's in any of them counts."""
        outline = self.outlines[chapter_id]
        if len(languages) < 2:
            return self.pair(objects, outline, next(iter(languages.values()), ()))
        found = {language: self.pair(objects, outline, files) for language, files in languages.items()}
        best = max(found, key=lambda name: (len(found[name].filled), len(found[name].ticked), name == "en"))
        worked = {best: found[best]} | {name: each for name, each in found.items() if each.filled or each.ticked}
        return found[best] if len(worked) < 2 else merged_progress(outline, tuple(worked.values()))

    def pair(self, objects: ObjectStore, outline: Outline, files: tuple[ChapterFile, ...]) -> ChapterProgress:
        """The progress in one pair of files."""
        key = (outline.id, files)
        try:
            return self.pairs[key]
        except KeyError:
            own = own_first(outline, files)
            sides = {notebook: self.side(objects, file) for notebook, file in own.items()}
            for notebook in [file.notebook for file in files if file not in own.values()]:
                flags = (*sides[notebook].flags, f"two files for chapter {outline.id}")
                sides[notebook] = sides[notebook]._replace(flags=flags)
            progress = chapter_progress(outline, sides.get(False), sides.get(True))
            if progress.flags:
                progress = replace(progress, flags=flags_with_lines(objects, outline, files, progress.flags))
            self.pairs[key] = progress
            return progress

    def filled_cells(
        self, objects: ObjectStore, listing: Listing, chapters: Mapping[str, ChapterProgress]
    ) -> dict[str, tuple[str, ...]]:
        """The cells of the exercises that a fork has filled, by exercise: from both files, each text once."""
        found: dict[str, dict[str, None]] = {}
        filled = {each: self.outlines[x] for x, progress in chapters.items() for each in progress.filled}
        for files in listing.values():
            for file in files:
                side = self.side(objects, file)
                for exercise_id, answer in side.answers.items():
                    outline = filled.get(exercise_id)
                    if outline and fills(outline, exercise_id, answer):
                        cell = without_blanks(side.to_judge(exercise_id, outline.known(exercise_id)))
                        found.setdefault(exercise_id, {})[cell] = None
        return {exercise_id: tuple(sources) for exercise_id, sources in found.items()}


def own_first(outline: Outline, files: tuple[ChapterFile, ...]) -> dict[bool, ChapterFile]:
    """The script and the notebook that count for a chapter: those with its own name, or else the first by name."""
    found = {file.notebook: file for file in files}
    if len(found) == len(files):
        return found
    found = {}
    for file in sorted(files, key=lambda file: (not file.name.startswith(f"{outline.stem}."), file.name)):
        found.setdefault(file.notebook, file)
    return found


def without_blanks(cell: str) -> str:
    """The cell with `pass` in place of lines with a blank, which are another exercise's if this one is filled."""
    if SENTINEL not in cell:
        return cell
    lines = cell.split("\n")
    return "\n".join(line[: -len(line.lstrip())] + "pass" if SENTINEL in line else line for line in lines)


def flags_with_lines(
    objects: ObjectStore, outline: Outline, files: tuple[ChapterFile, ...], flags: Sequence[Flag]
) -> tuple[Flag, ...]:
    """The flags of a pair, each with the file and line it points to."""
    texts: dict[str, str] = {}

    def text_of(file: ChapterFile) -> str:
        if file.oid not in texts:
            small = objects.size(file.oid) <= LARGEST_BLOB
            texts[file.oid] = text_in(objects.blob(file.oid)) if small else ""
        return texts[file.oid]

    return with_line(flags, files, next(iter(outline.exercises), ""), text_of)
