"""What an update will do, decided before anything is written.

Incoming --> Plan: chapters (revise), archive (archive), the course's other files (git's own merge)
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kit import files
from kit.course.course import Course
from kit.errors import KitError
from kit.git.worktree import blob
from kit.learner.update import archive
from kit.learner.update.editions import Name, cells_in, editions, name_of, paths_of, successor
from kit.learner.update.revise import Revision, revise
from kit.learner.update.upstream import IncomingCourse
from kit.pairs import convert
from kit.pairs.merge import merge
from kit.pairs.normalise import normalised
from kit.pairs.pair import Cells, Pair, Sides, read, visible
from kit.pairs.sync import sync

if TYPE_CHECKING:
    import pygit2

FILE = 0o100644
LAST = ("scripts/", "kit/")  # written last: the program that writes them is among them


@dataclass(frozen=True, slots=True)
class FileWrite:
    """One file: its path, what it holds now and what it shall hold (`None`: no file), and its mode."""

    path: str
    before: bytes | None
    after: bytes | None
    mode: int = FILE


@dataclass(frozen=True, slots=True)
class Chapter:
    """What happens to one pair: its name before (`None`: it is new) and now (`None`: it is gone)."""

    old: Name | None
    new: Name | None
    revision: Revision


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that an update will do. `overruled` are files of the course in which the learner's edit yields."""

    chapters: tuple[Chapter, ...]
    learners: tuple[FileWrite, ...]
    course: tuple[FileWrite, ...]
    overruled: tuple[str, ...]
    tree: pygit2.Oid


def make_plan(course: Course, repository: pygit2.Repository, found: IncomingCourse) -> Plan:
    """What is to be written and committed. Pairs whose two files differ are synced before; nothing else is changed.

    Raises:
        KitError: a pair cannot be read, or a file that would be written has changes that are not committed.
    """
    before, after = editions(found.base), editions(found.theirs.tree)
    chapters: list[Chapter] = []
    learners: dict[str, FileWrite] = {}
    for old, new in moves(before, after):
        if old == new and new is not None and before[new] == after[new]:
            continue
        chapter, writes = revised(course, found, old, new)
        chapters.append(chapter)
        learners |= {write.path: write for write in writes}
    archives = archived(course.root, chapters)
    merged, overruled = merged_files(repository, found)
    for name in editions(found.ours.tree):
        for path in paths_of(name):
            kept = blob(found.ours.tree, path)
            if kept and path not in learners:
                add(merged, path, kept.id, kept.filemode)
    own = (*archives, *learners.values())
    for write in own:
        if write.after is not None:
            add(merged, write.path, repository.create_blob(write.after), FILE)
        elif write.path in merged:
            merged.remove(write.path)
    tree = merged.write_tree(repository)
    others = course_files(course.root, repository, found, tree, {write.path for write in own})
    changed = tuple(write for write in own if write.before != write.after)
    return Plan(tuple(chapters), changed, others, overruled, tree)


def moves(before: Iterable[Name], after: Iterable[Name]) -> list[tuple[Name | None, Name | None]]:
    """Each pair of the older course with what it has become, then those that are new."""
    olds, news = list(before), list(after)
    found: list[tuple[Name | None, Name | None]] = [(name, successor(name, olds, news)) for name in olds]
    known = {new for _, new in found}
    return found + [(None, new) for new in news if new not in known]


def revised(
    course: Course, found: IncomingCourse, old: Name | None, new: Name | None
) -> tuple[Chapter, list[FileWrite]]:
    """What becomes of one pair, and its files, those of its former name included."""
    base = cells_in(found.base, old) if old else None
    theirs = cells_in(found.theirs.tree, new) if new else ()
    place = Pair(course.root, *(new or old or ("", "")))
    former = Pair(course.root, *old) if old and old != new else place
    ours, sides = learned(course, former)
    revision = Revision(theirs) if ours is None else revise(base, ours, theirs)
    if former != place:  # a new name: an update that was killed may have written it already
        other, written = learned(course, place)
        if other is not None:
            newer = revise(base, other, theirs)
            revision = newer if ours is None else replace(revision, cells=merge(theirs, other, revision.cells).cells)
    else:
        written = sides
    writes: list[FileWrite] = []
    if new:
        shown = sides if sides.notebook else written
        made = pair_bytes(place, revision.cells, shown.notebook_bytes if shown.notebook else None)
        for path, data, here in zip(paths_of(new), made, (written.script_bytes, written.notebook_bytes), strict=True):
            writes.append(FileWrite(path, here, data if data == here else visible(data, here)))
    if old and old != new:
        script, notebook = paths_of(old)
        writes += [FileWrite(script, sides.script_bytes, None), FileWrite(notebook, sides.notebook_bytes, None)]
    return Chapter(old, new, revision), writes


def learned(course: Course, pair: Pair) -> tuple[Cells | None, Sides]:
    """The learner's cells, both files brought together first; `None` where neither file has any."""
    sides = read(pair)
    if sides.script is None and sides.notebook is None:
        return None, sides
    sync(course, pair)
    sides = read(pair)
    return sides.script or sides.notebook, sides


def pair_bytes(pair: Pair, cells: Cells, notebook: bytes | None) -> tuple[bytes, bytes]:
    """Both files of a pair in the form that is committed; the cells of `notebook` keep their ids."""
    script = normalised(convert.script(cells), f"{pair.name}.py")
    return script, normalised(convert.notebook(cells, pair.id, notebook), f"{pair.name}.ipynb")


def archived(root: Path, chapters: Sequence[Chapter]) -> list[FileWrite]:
    """The archives with what these chapters have lost; of a chapter that is gone, everything that was the learner's.

    One to which nothing is added is in it as well: an update that was killed may have written it.
    """
    date = time.strftime("%Y-%m-%d", time.gmtime())
    texts: dict[str, tuple[bytes | None, str]] = {}
    for chapter in chapters:
        if chapter.old is None:
            continue
        language, stem = chapter.old
        lost = [*chapter.revision.gone, *(() if chapter.new else archive.own(chapter.revision.cells))]
        if language not in texts:
            here = files.read(archive.place(root, language), root)
            texts[language] = here, (here or b"").decode("utf-8", "surrogateescape")
        here, text = texts[language]
        texts[language] = here, archive.added(text, stem, lost, date)
    found = []
    for language, (here, text) in texts.items():
        data = text.encode("utf-8", "surrogateescape")
        if data:
            found.append(FileWrite(files.shown(archive.place(root, language), root), here, data))
    return found


def merged_files(repository: pygit2.Repository, found: IncomingCourse) -> tuple[pygit2.Index, tuple[str, ...]]:
    """Git's merge of everything but the pairs, without any conflict left, and the files in which the learner yields."""
    from pygit2.enums import MergeFlag

    ours = with_plain_ends(repository, found)
    merged = repository.merge_trees(found.base, ours, found.theirs.tree, flags=MergeFlag(0))
    overruled: list[str] = []
    for sides in list(merged.conflicts or ()):
        path = next(side.path for side in sides if side)
        _, ours, theirs = sides
        del merged.conflicts[path]
        if theirs:
            add(merged, path, theirs.id, theirs.mode)
        if ours and not name_of(path):
            overruled.append(path)
    for path in [entry.path for entry in merged if name_of(entry.path)]:
        merged.remove(path)
    return merged, tuple(overruled)


def with_plain_ends(repository: pygit2.Repository, found: IncomingCourse) -> pygit2.Tree:
    """Our tree; in the files that the course changes, Windows line ends are no edit of ours."""
    import pygit2

    index = pygit2.Index()
    index.read_tree(found.ours.tree)
    base, theirs = found.base, found.theirs.tree
    for path in changed_paths(base, found.ours.tree) & changed_paths(base, theirs):
        ours, before = blob(found.ours.tree, path), blob(base, path)
        if ours and before and plain(before.data) == before.data != ours.data:
            add(index, path, repository.create_blob(plain(ours.data)), ours.filemode)
    return repository[index.write_tree(repository)].peel(pygit2.Tree)


def plain(data: bytes) -> bytes:
    """The bytes of a text with plain line ends; anything else as it is."""
    return data if b"\0" in data else data.replace(b"\r\n", b"\n")


def add(index: pygit2.Index, path: str, id: pygit2.Oid, mode: int) -> None:
    """Put a file into an index."""
    import pygit2

    index.add(pygit2.IndexEntry(path, id, pygit2.enums.FileMode(mode)))


def course_files(
    root: Path, repository: pygit2.Repository, found: IncomingCourse, id: pygit2.Oid, own: Iterable[str]
) -> tuple[FileWrite, ...]:
    """The course's files that change, in the order in which they are written.

    Raises:
        KitError: one of them has changes that are not committed, or is a link.
    """
    import pygit2

    tree = repository[id].peel(pygit2.Tree)
    writes: list[FileWrite] = []
    for path in sorted(changed_paths(found.ours.tree, tree) - set(own)):
        new = blob(tree, path)
        if new is None and path in tree:
            raise KitError("the newer course has a link or a repository here", path, "tell who sent it to you")
        here = files.read(root / path, root)
        wanted = new.data if new else None
        known = [blob(side, path) for side in (found.ours.tree, found.before) if side]
        same = {plain(data) for data in (wanted, *(side.data for side in known if side)) if data is not None}
        if here is not None and plain(here) not in same and not is_clean(repository, path):
            raise KitError(
                "this has changes that are not committed, and the newer course changes it too",
                path,
                "commit them, or git stash puts them aside and git stash pop brings them back; then run this again",
            )
        writes.append(FileWrite(path, here, wanted, new.filemode if new else FILE))
    return tuple(sorted(writes, key=lambda write: write.path.startswith(LAST)))


def changed_paths(old: pygit2.Tree, new: pygit2.Tree) -> set[str]:
    """The paths of all files that differ between two trees."""
    deltas = old.diff_to_tree(new).deltas
    return {path for delta in deltas for path in (delta.old_file.path, delta.new_file.path)}


def is_clean(repository: pygit2.Repository, path: str) -> bool:
    """Whether git sees no change in this file, whatever its line ends."""
    from pygit2.enums import FileStatus

    return bool(repository.status_file(path) == FileStatus.CURRENT)
