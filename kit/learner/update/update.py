"""Brings the instructor's newer course into the learner's folder, in one merge commit that loses nothing.

    SOURCE --> IncomingCourse --> Plan --> backup --> files --> index, commit

The course's own files become what the course has now. A learner's edits to them are merged, but where both have changed
the same lines, the course's version is taken. Files are written before the commit: after a kill, just run it again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kit import files
from kit.course.course import Course
from kit.errors import KitError
from kit.git import backup
from kit.git.backup import Backup
from kit.git.committer import committer
from kit.git.worktree import blob, git_errors
from kit.i18n import noted
from kit.learner.update import archive
from kit.learner.update.editions import name_of
from kit.learner.update.plan import FileWrite, Plan, RevisedChapter, add, changed_paths, make_plan
from kit.learner.update.revise import describe_revision
from kit.learner.update.upstream import READABLE, IncomingCourse, Source, incoming, mergeable, source_of
from kit.lock import while_locked
from kit.pairs.base import store_base
from kit.pairs.pair import Pair
from kit.text import first_few, plural

if TYPE_CHECKING:
    import pygit2

PROGRAM = 0o100755
MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update did. `commit` is empty if there was nothing new."""

    commit: str = ""
    commits: int = 0
    chapters: tuple[RevisedChapter, ...] = ()
    files: tuple[str, ...] = ()
    overruled: tuple[str, ...] = ()
    backup: Backup | None = None

    @property
    def clashes(self) -> tuple[str, ...]:
        """The cells kept in two versions."""
        return tuple(title for chapter in self.chapters for title in chapter.revision.clashes)


def update(course: Course, source: str = "") -> Updated:
    """Bring in what's new in the source; by default, that's the remote `upstream`.

    Raises:
        KitError: it can't be fetched or merged as things are, or a file can't be read or written.
    """
    repository = mergeable(course.root)
    return merge_from(course, repository, source_of(repository, source))


def merge_saved(course: Course, source: Source) -> Updated:
    """Merge the learner's own work, saved elsewhere.

    Raises:
        KitError: as `update`.
    """
    return merge_from(course, mergeable(course.root), source)


def merge_from(course: Course, repository: pygit2.Repository, source: Source) -> Updated:
    """Fetch and merge what's new in a source."""
    found = incoming(course.root, repository, source)
    return Updated() if found is None else while_locked(course.root, lambda: update_once(course, repository, found))


def update_once(course: Course, repository: pygit2.Repository, found: IncomingCourse) -> Updated:
    """One attempt at an update; raises `files.FileChanged` if something else writes to a file meanwhile."""
    root = course.root
    with git_errors("the newer course can't be merged", root, READABLE):
        plan = make_plan(course, repository, found)
    touched = [write.path for write in plan.learners] + list(plan.overruled)
    saved = None
    if plan.overruled or any(write.before is not None for write in plan.learners):
        saved = backup.make(root, "update", str(found.theirs.id)[:7], [root / path for path in touched])
    try:
        for folder in {(root / write.path).parent for write in plan.course}:
            files.remove_temporaries(folder)
        for write in (*plan.learners, *plan.course):
            put(write, root)
        with git_errors("the merge can't be committed", root, "run this again"):
            commit = record(root, repository, found, plan)
    except KitError as error:
        advice = f"{error.next}; to get your files back as they were: {saved.command}" if saved else error.next
        raise KitError(error.what, error.where, advice) from error
    for chapter in plan.chapters:
        if chapter.new:
            store_base(Pair(root, *chapter.new), chapter.revision.cells)
    written = tuple(write.path for write in plan.course)
    return Updated(str(commit), found.commits, plan.chapters, written, plan.overruled, saved)


def put(write: FileWrite, root: Path) -> None:
    """Write or delete one file, if it's still as it was read. Folders that end up empty are deleted too."""
    path = root / write.path
    if write.after is not None:
        executable = write.mode == PROGRAM if name_of(write.path) is None else None
        files.write(path, write.after, root, expected=write.before, executable=executable)
        return
    files.remove(path, root, expected=write.before)
    for folder in path.parents:
        if folder == root:
            break
        with contextlib.suppress(OSError):
            folder.rmdir()


def record(root: Path, repository: pygit2.Repository, found: IncomingCourse, plan: Plan) -> pygit2.Oid:
    """Set the index to the merged tree, then make the merge commit on the learner's branch."""
    import pygit2

    tree = repository[plan.tree].peel(pygit2.Tree)
    repository.index.read()
    for path in changed_paths(found.ours.tree, tree):
        new = blob(tree, path)
        if new:
            add(repository.index, path, new.id, new.filemode)
        elif path in repository.index:
            repository.index.remove(path)
    repository.index.write()
    who = committer(root)
    if found.elsewhere:
        message = "Merge what was saved elsewhere\n"
    else:
        lines = [f"Update to {str(found.theirs.id)[:7]} of the course", "", *describe_chapters(plan.chapters)]
        message = "\n".join(lines)
    return repository.create_commit("HEAD", who, who, message, plan.tree, [found.ours.id, found.theirs.id])


def describe(done: Updated) -> list[str]:
    """What an update did, as lines."""
    if not done.commit:
        return ["already up to date"]
    lines = [f"updated the course: {plural(done.commits, 'new commit')}"]
    lines += describe_chapters(done.chapters)
    lines += [f"{path}: you and the course both changed it; the course's version was taken" for path in done.overruled]
    if "requirements.txt" in done.files:
        lines.append("the packages in requirements.txt have changed. Next: make setup")
    if done.backup:
        lines.append(f"to get your files back as they were before: {done.backup.command}")
    return lines


def describe_chapters(chapters: Iterable[RevisedChapter]) -> list[str]:
    """What happened to each chapter, as lines. What's the same in several languages is said once."""
    told = dict.fromkeys(tuple(describe_chapter(chapter)) for chapter in chapters)
    longer = {lines[0] for lines in told if len(lines) > 1}
    return [line for lines in told if len(lines) > 1 or lines[0] not in longer for line in lines]


def describe_chapter(chapter: RevisedChapter) -> list[str]:
    """What happened to one pair: a line for it, and one for each answer that the learner should look at."""
    old, new, done = chapter.old, chapter.new, chapter.revision
    if new is None:
        assert old is not None
        lines = [f"{old[1]} is no longer in the course"]
    elif old is None:
        lines = [f"{new[1]} is new"]
    else:
        what = [f"was {old[1]}"] if old != new else []
        what += [f"new: {', '.join(done.new)}"] if done.new else []
        if done.renumbered:
            what.append(first_few([f"{was} is now {now}" for was, now in done.renumbered], MOST_NAMED))
        lines = [f"{new[1]}: {'; '.join(what or [noted('updated')])}"]
    return lines + [f"  {line}" for line in describe_revision(done, archive.NAME)]
