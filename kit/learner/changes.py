"""What differs from HEAD in the learner's clone: what a save commits, and what it leaves alone, each with its reason.

    git status --> Changes: ours         chapters of the course, the archive; all of a course that HEAD doesn't have yet
                            others       files elsewhere that git knows or could know
                            strays       files in the chapters' folders that aren't the course's
                            unknown      chapters that the course doesn't have
                            large        files of the course that no server would take

Notebooks put anything into the folder they run in: data, copies, a file of passwords. Once such a file is in a commit,
it stays in the history, and a large one makes every later push fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kit.course.course import CHAPTER_FILE, Course
from kit.files import SYLLABUS
from kit.git import worktree
from kit.learner.update import archive
from kit.text import first_few, size

if TYPE_CHECKING:
    import pygit2

MOST_BYTES = 50 * 2**20  # of a file; GitHub warns from here on, and refuses twice as much
MOST_NAMED = 5
CHAPTER_COPY = re.compile(r"ch\d\d.*\.(?:py|ipynb)", re.DOTALL)
PRIVATE = re.compile(
    r"\.env(?:\..+)?|\.netrc|\.pypirc|.+\.(?:pem|key|p12|pfx)|id_(?:rsa|dsa|ecdsa|ed25519)|credentials(?:\.json)?"
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from HEAD, as paths below the root. `whole` says that HEAD doesn't have the course yet."""

    ours: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    strays: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    large: tuple[str, ...] = ()
    whole: bool = False


def read_changes(course: Course, repository: pygit2.Repository) -> Changes:
    """What differs from HEAD, ignored files aside."""
    from pygit2.enums import FileStatus

    deleted = FileStatus.WT_DELETED | FileStatus.INDEX_DELETED
    root, inner = course.root, worktree.prefix(repository, course.root)
    status = repository.status(untracked_files="all", ignored=False)
    changed = {
        path.removeprefix(inner): flags
        for path, flags in sorted(status.items())
        if path.startswith(inner) and flags not in (FileStatus.IGNORED, FileStatus.CURRENT)
    }
    whole = not has_course(repository, inner)
    kinds: dict[str, list[str]] = {}
    for path, flags in changed.items():
        kinds.setdefault(kind_of(course, path, bool(flags & deleted), whole), []).append(path)
    large = [path for path in kinds.get("ours", ()) if bytes_of(root / path) > MOST_BYTES]
    ours = tuple(path for path in kinds.get("ours", ()) if path not in large)
    others, strays, unknown = (tuple(kinds.get(kind, ())) for kind in ("others", "strays", "unknown"))
    return Changes(ours, others, strays, unknown, tuple(large), whole)


def has_course(repository: pygit2.Repository, inner: str) -> bool:
    """Whether HEAD has the course. Where it was downloaded without git and then made a repository, it doesn't."""
    if repository.head_is_unborn:
        return False
    import pygit2

    return worktree.blob(repository.head.peel(pygit2.Commit).tree, inner + SYLLABUS) is not None


def kind_of(course: Course, path: str, gone: bool, whole: bool) -> str:
    """Which list of `Changes` a path belongs to. That a file has gone from a chapters' folder can always be saved."""
    name = path.rpartition("/")[2]
    if not path.startswith("workshop/") or path.count("/") < 2:
        return "ours" if whole and not PRIVATE.fullmatch(name) and not path.endswith("/") else "others"
    if gone or is_courses(course, path):
        return "ours"
    return "unknown" if CHAPTER_COPY.fullmatch(name) else "strays"


def is_courses(course: Course, path: str) -> bool:
    """Whether a path is that of a chapter of the course, or of the archive, in a language's folder or one's own."""
    _, _, name = path.split("/", 2)
    if name == archive.NAME:
        return True
    return CHAPTER_FILE.fullmatch(name) is not None and Path(name).stem in course.stems


def bytes_of(path: Path) -> int:
    """The size of a file; 0 if there is none."""
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def describe(root: Path, found: Changes) -> Iterator[str]:
    """What a save has left alone, a line for each reason."""

    def named(paths: tuple[str, ...]) -> str:
        return first_few([f"{path} ({size(bytes_of(root / path))})" for path in paths], MOST_NAMED)

    if found.others:
        yield f"changed, but not part of this save: {first_few(found.others, MOST_NAMED)}"
    if found.unknown:
        yield f"no chapter of the course, so not saved, and work in it is not counted: {named(found.unknown)}"
    if found.strays:
        yield f"not the course's, so not saved: {named(found.strays)}"
    if found.large:
        yield f"too large for a git server, so not saved: {named(found.large)}"


def unknown_chapters(course: Course) -> Mapping[str, int]:
    """Files in the chapters' folders that look like chapters and aren't the course's, with their sizes."""
    found = sorted(path for path in (course.root / "workshop").glob("*/ch*") if CHAPTER_COPY.fullmatch(path.name))
    paths = {path.relative_to(course.root).as_posix(): path for path in found if not path.parent.name.startswith(".")}
    return {name: bytes_of(path) for name, path in paths.items() if not is_courses(course, name)}
