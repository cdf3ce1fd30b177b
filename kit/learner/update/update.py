"""The instructor's newer course brought into the learner's folder, in one merge commit that loses nothing.

    SOURCE --> Incoming --> Plan --> backup --> files --> index, commit

What is the course's comes as the course has it now, a learner's own edit of it is merged, and yields where both have
changed the same lines. Files are written before the commit is made: a run that was killed is done again from the start.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kit import files as disk
from kit.course.course import Course
from kit.errors import KitError
from kit.git import backup
from kit.git.backup import Backup
from kit.git.committer import committer
from kit.git.worktree import blob, git_errors
from kit.learner.update import archive
from kit.learner.update.editions import name_of
from kit.learner.update.plan import Chapter, FileWrite, Plan, add, changed_paths, make_plan
from kit.learner.update.upstream import READABLE, IncomingCourse, incoming, mergeable, source_of
from kit.lock import while_locked
from kit.pairs.base import store_base
from kit.pairs.pair import Pair

if TYPE_CHECKING:
    import pygit2

PROGRAM = 0o100755
MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update has done; without a commit there was nothing new."""

    commit: str = ""
    commits: int = 0
    chapters: tuple[Chapter, ...] = ()
    files: tuple[str, ...] = ()
    overruled: tuple[str, ...] = ()
    backup: Backup | None = None

    @property
    def both(self) -> tuple[str, ...]:
        """The cells of which two versions are kept."""
        return tuple(title for chapter in self.chapters for title in chapter.revision.both)


def update(course: Course, source: str = "") -> Updated:
    """Bring in what the source (the remote `upstream` without one) has that is new.

    Raises:
        KitError: it cannot be fetched or merged as things stand, or a file cannot be read or written.
    """
    repository = mergeable(course.root)
    found = incoming(course.root, repository, source_of(repository, source))
    return Updated() if found is None else while_locked(course.root, lambda: update_once(course, repository, found))


def update_once(course: Course, repository: pygit2.Repository, found: IncomingCourse) -> Updated:
    """One attempt at an update; `disk.Changed` when somebody else wrote in the middle of it."""
    root = course.root
    with git_errors("the newer course cannot be merged", root, READABLE):
        plan = make_plan(course, repository, found)
    touched = [write.path for write in plan.learners] + list(plan.overruled)
    saved = None
    if plan.overruled or any(write.before is not None for write in plan.learners):
        saved = backup.make(root, "update", str(found.theirs.id)[:7], [root / path for path in touched])
    try:
        for folder in {(root / write.path).parent for write in plan.course}:
            disk.remove_temporaries(folder)
        for write in (*plan.learners, *plan.course):
            put(write, root)
        with git_errors("the merge cannot be committed", root, "run this again"):
            commit = record(root, repository, found, plan)
    except KitError as error:
        advice = f"{error.next}; your files as they were: {saved.command}" if saved else error.next
        raise KitError(error.what, error.where, advice) from error
    for chapter in plan.chapters:
        if chapter.new:
            store_base(Pair(root, *chapter.new), chapter.revision.cells)
    files = tuple(write.path for write in plan.course)
    return Updated(str(commit), found.commits, plan.chapters, files, plan.overruled, saved)


def put(write: FileWrite, root: Path) -> None:
    """Write or delete one file, if it still holds what was read; a folder that is empty then goes too."""
    path = root / write.path
    if write.after is not None:
        executable = write.mode == PROGRAM if name_of(write.path) is None else None
        disk.write(path, write.after, root, expected=write.before, executable=executable)
        return
    disk.remove(path, root, expected=write.before)
    for folder in path.parents:
        if folder == root:
            break
        with contextlib.suppress(OSError):
            folder.rmdir()


def record(root: Path, repository: pygit2.Repository, found: IncomingCourse, plan: Plan) -> pygit2.Oid:
    """The index as the merge has it, then the merge commit on the learner's branch."""
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
    message = "\n".join([f"Update to {str(found.theirs.id)[:7]} of the course", "", *describe_chapters(plan.chapters)])
    return repository.create_commit("HEAD", who, who, message, plan.tree, [found.ours.id, found.theirs.id])


def describe(done: Updated) -> list[str]:
    """What an update has done, in lines."""
    if not done.commit:
        return ["up to date: there is nothing newer"]
    lines = [f"the course is up to date now; {done.commits} new commit{'s' * (done.commits != 1)} came in"]
    lines += describe_chapters(done.chapters)
    lines += [f"{path}: you and the course have both changed it; the course's stands" for path in done.overruled]
    if "requirements.txt" in done.files:
        lines.append("other packages are needed now. Next: make setup")
    if done.backup:
        lines.append(f"your files as they were before: {done.backup.command}")
    return lines


def describe_chapters(chapters: Iterable[Chapter]) -> list[str]:
    """What has happened to each pair, in lines."""
    return [line for chapter in chapters for line in describe_chapter(chapter)]


def describe_chapter(chapter: Chapter) -> list[str]:
    """What has happened to one pair: a line for it, and one for each answer that a person should look at."""
    old, new, done = chapter.old, chapter.new, chapter.revision
    moved = ", ".join(f"{was} is {now} now" for was, now in done.moved[:MOST_NAMED])
    more = f" and {len(done.moved) - MOST_NAMED} more" if len(done.moved) > MOST_NAMED else ""
    if new is None:
        assert old is not None
        lines = [f"{old[1]} is gone from the course"]
    elif old is None:
        lines = [f"{new[1]} is new"]
    else:
        what = [f"was {old[1]}"] if old != new else []
        what += [f"new: {', '.join(done.new)}"] if done.new else []
        what += [moved + more] if moved else []
        lines = [f"{new[1]}: {'; '.join(what or ['brought up to date'])}"]
    lines += [f"  {id} has changed, and your answer stands in the new version; check it" for id in done.woven]
    lines += [f"  {id} has changed, your answer is kept; check it" for id in done.kept]
    lines += [f"  two versions kept of {title}, one behind the other: choose, and delete one" for title in done.both]
    lines += [f"  {lost.id} is gone from the course; what you had is in {archive.NAME}" for lost in done.gone]
    return lines
