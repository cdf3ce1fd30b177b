"""What an update will do, decided before anything is written.

IncomingCourse --> Plan: the chapters (revise), the archive (archive), the course's other files (git's own merge)
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
from kit.pairs.pair import Cells, Pair, resized, todo_cells
from kit.pairs.sync import read_synced
from kit.translation.edition import has_edition

if TYPE_CHECKING:
    import pygit2

FILE = 0o100644
LAST = ("scripts/", "kit/")  # written last, since they are the program that is running


@dataclass(frozen=True, slots=True)
class FileWrite:
    """A file to write: its path, what's in it now and what will be (`None`: no file), and its mode."""

    path: str
    before: bytes | None
    after: bytes | None
    mode: int = FILE


@dataclass(frozen=True, slots=True)
class RevisedChapter:
    """What happens to one pair: its name before (`None`: it's new) and now (`None`: it was removed)."""

    old: Name | None
    new: Name | None
    revision: Revision


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that an update will do. In `overruled` files, the course's version replaces the learner's edits."""

    chapters: tuple[RevisedChapter, ...]
    learners: tuple[FileWrite, ...]
    course: tuple[FileWrite, ...]
    overruled: tuple[str, ...]
    tree: pygit2.Oid


def make_plan(course: Course, repository: pygit2.Repository, found: IncomingCourse) -> Plan:
    """What to write and commit. Pairs whose two files differ are synced first; nothing else is changed.

    Raises:
        KitError: a pair can't be read, or a file that would be overwritten has uncommitted changes.
    """
    before, after = editions(found.base), editions(found.theirs.tree)
    chapters: list[RevisedChapter] = []
    learners: dict[str, FileWrite] = {}
    for old, new in moves(before, after):
        if old == new and new is not None and before[new] == after[new] and not found.unrelated:
            continue
        chapter, writes = revised(course, found, old, new)
        chapters.append(chapter)
        learners |= {write.path: write for write in writes}
    archives = archived(course.root, chapters, found)
    merged, overruled = merged_files(repository, found)
    overruled = tuple(path for path in overruled if path not in {write.path for write in archives})
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
    """Each pair of the older course and what has become of it, then the new ones."""
    olds, news = list(before), list(after)
    found: list[tuple[Name | None, Name | None]] = [(name, successor(name, olds, news)) for name in olds]
    continued = {new for _, new in found}
    return found + [(None, new) for new in news if new not in continued]


def revised(
    course: Course, found: IncomingCourse, old: Name | None, new: Name | None
) -> tuple[RevisedChapter, list[FileWrite]]:
    """What becomes of one pair, and the writes for its files, including those under its former name."""
    base = base_cells(course, found, old) if old else None
    theirs = cells_in(found.theirs.tree, new) if new else ()
    pair = Pair(course.root, *(new or old or ("", "")))
    former = Pair(course.root, *old) if old else pair
    before = read_synced(course, former)
    revision = Revision(theirs) if before.cells is None else revise(base, before.cells, theirs, found.elsewhere)
    present = before
    if former != pair:  # renamed: an update that was killed may have written the new files already
        present = read_synced(course, pair)
        if present.cells is not None:
            newer = revise(base, present.cells, theirs, found.elsewhere)
            if before.cells is None:
                revision = newer
            else:
                revision = replace(revision, cells=merge(theirs, present.cells, revision.cells).cells)
    writes: list[FileWrite] = []
    if new:
        old_notebook = (
            before.notebook_bytes if before.notebook else present.notebook_bytes if present.notebook else None
        )
        made = pair_bytes(pair, revision.cells, old_notebook)
        for path, data, here in zip(paths_of(new), made, (present.script_bytes, present.notebook_bytes), strict=True):
            writes.append(FileWrite(path, here, data if data == here else resized(data, here)))
    if old and old != new:
        script, notebook = paths_of(old)
        writes += [FileWrite(script, before.script_bytes, None), FileWrite(notebook, before.notebook_bytes, None)]
    return RevisedChapter(old, new, revision), writes


def base_cells(course: Course, found: IncomingCourse, name: Name) -> Cells:
    """The cells of a pair before either side's changes.

    Without a common history that's the todo if the other side is the learner's too: any commit there may hold answers.

    Raises:
        KitError: the file can't be parsed.
    """
    language, stem = name
    if found.unrelated and stem in course.stems and has_edition(course.root, language):
        return todo_cells(course, Pair(course.root, language, stem))
    return cells_in(found.base, name)


def pair_bytes(pair: Pair, cells: Cells, notebook: bytes | None) -> tuple[bytes, bytes]:
    """Both files of a pair in the committed form; the cells of the old `notebook` keep their ids."""
    script = normalised(convert.script_bytes(cells), f"{pair.name}.py")
    return script, normalised(convert.notebook_bytes(cells, pair.id, notebook), f"{pair.name}.ipynb")


def archived(root: Path, chapters: Sequence[RevisedChapter], incoming: IncomingCourse) -> list[FileWrite]:
    """The archives with the work removed from these chapters; from a removed chapter, everything the learner wrote.

    An archive that doesn't grow is included too, since a killed update may have written it without a commit. What was
    saved elsewhere may have one as well; then both are kept.
    """
    date = time.strftime("%Y-%m-%d", time.gmtime())
    texts: dict[str, tuple[bytes | None, str]] = {}
    olds = [chapter for chapter in chapters if chapter.old is not None]
    names = {chapter.old[0] for chapter in olds if chapter.old}
    if incoming.elsewhere:
        names |= {language for language, _ in editions(incoming.theirs.tree)}
    for language in sorted(names):
        here = files.read(archive.archive_path(root, language), root)
        other = blob(incoming.theirs.tree, archive.archive_path(Path(), language).as_posix())
        text, theirs = ((data or b"").decode("utf-8", "surrogateescape") for data in (here, other and other.data))
        texts[language] = here, archive.united(text, theirs)
    for chapter in olds:
        assert chapter.old is not None
        language, stem = chapter.old
        lost = [*chapter.revision.removed, *(() if chapter.new else archive.own_cells(chapter.revision.cells))]
        here, text = texts[language]
        texts[language] = here, archive.added(text, stem, lost, date)
    found = []
    for language, (here, text) in texts.items():
        data = text.encode("utf-8", "surrogateescape")
        if data:
            found.append(FileWrite(files.shown(archive.archive_path(root, language), root), here, data))
    return found


def merged_files(repository: pygit2.Repository, found: IncomingCourse) -> tuple[pygit2.Index, tuple[str, ...]]:
    """Git's merge of all but the pairs, with conflicts settled in the course's favour, and the files that had any."""
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
    """Our tree, without Windows line endings in the files that both we and the course have changed."""
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
    """A text's bytes with plain line endings; a binary file's as they are."""
    return data if b"\0" in data else data.replace(b"\r\n", b"\n")


def add(index: pygit2.Index, path: str, blob_id: pygit2.Oid, mode: int) -> None:
    """Put a file into an index."""
    import pygit2

    index.add(pygit2.IndexEntry(path, blob_id, pygit2.enums.FileMode(mode)))


def course_files(
    root: Path, repository: pygit2.Repository, found: IncomingCourse, tree_id: pygit2.Oid, own: Iterable[str]
) -> tuple[FileWrite, ...]:
    """The course's files that change, in the order in which they're written.

    Raises:
        KitError: one of them has uncommitted changes, or is a link.
    """
    import pygit2

    tree = repository[tree_id].peel(pygit2.Tree)
    writes: list[FileWrite] = []
    for path in sorted(changed_paths(found.ours.tree, tree) - set(own)):
        new = blob(tree, path)
        if new is None and path in tree:
            if found.elsewhere:
                raise KitError("what you saved elsewhere has a link or a repository here", path, "git pull --no-rebase")
            raise KitError("the newer course has a link or a repository here", path, "tell your instructor")
        here = files.read(root / path, root)
        wanted = new.data if new else None
        known = [blob(side, path) for side in (found.ours.tree, found.before) if side]
        same = {plain(data) for data in (wanted, *(side.data for side in known if side)) if data is not None}
        if here is not None and plain(here) not in same and not is_clean(repository, path):
            if found.elsewhere:
                raise KitError(
                    "you have uncommitted changes in this file, and it was changed elsewhere too",
                    path,
                    "commit them, or set them aside with git stash (git stash pop brings them back); "
                    "then python scripts/save.py --push",
                )
            raise KitError(
                "you have uncommitted changes in this file, and the newer course changes it too",
                path,
                "commit them, or set them aside with git stash (git stash pop brings them back); then run this again",
            )
        writes.append(FileWrite(path, here, wanted, new.filemode if new else FILE))
    return tuple(sorted(writes, key=lambda write: write.path.startswith(LAST)))


def changed_paths(old: pygit2.Tree, new: pygit2.Tree) -> set[str]:
    """The paths of all files that differ between two trees."""
    deltas = old.diff_to_tree(new).deltas
    return {path for delta in deltas for path in (delta.old_file.path, delta.new_file.path)}


def is_clean(repository: pygit2.Repository, path: str) -> bool:
    """Whether git sees no change in this file; line endings don't count."""
    from pygit2.enums import FileStatus

    return bool(repository.status_file(path) == FileStatus.CURRENT)
