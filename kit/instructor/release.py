"""The repository that a new cohort forks: one commit with the course as it's committed here, and nothing else.

    clean course --> the tree of HEAD --> its objects, packed --> one commit --> a fresh clone --> checks --> DIR

If it's told where the repository will be on the web, the syllabus says so, every link in it leads there, and the commit
has a tag, so that a notebook opened alone fetches the very version that it comes from.

Only the objects of that tree are copied: no commit, branch or log of an earlier cohort comes along. Everything is made
next to DIR and moved there at the end, so a release that fails leaves nothing behind.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kit import files
from kit.course.build import drifted_files, has_work, write_derived
from kit.course.course import Course
from kit.course.home import Home, with_home
from kit.errors import KitError
from kit.files import SYLLABUS, reason, shown
from kit.git.command import git_output, isolated_environment
from kit.git.committer import committer
from kit.learner.reset import changes
from kit.text import label
from kit.translation.edition import everything

BRANCH = "main"
MESSAGE = "The workshop"
SETTINGS = (("core.logAllRefUpdates", "false"), ("core.autocrlf", "false"), ("gc.auto", "0"))


@dataclass(frozen=True, slots=True)
class Release:
    """What was made: the folder, its one commit, and the number of its files."""

    folder: Path
    commit: str
    files: int


def plain(folder: Path, *words: str, given: str = "", settings: Sequence[tuple[str, str]] = ()) -> str:
    """Run git in a new repository without any of the person's own settings; returns what it printed.

    Raises:
        KitError: it fails.
    """
    environment = isolated_environment((*SETTINGS, *settings))
    return git_output(folder, *words, environment=environment, given=given.encode()).strip()


def release(
    course: Course, folder: Path, test: Callable[[Path], bool] | None = None, home: Home | None = None
) -> Release:
    """Make the repository `folder` from the course. `test` checks that a fresh clone of it works.

    `home` is where it will be on the web, its version the tag that it gets; without it, the course's own stays.

    Raises:
        KitError: the folder is in use, the course isn't clean, or the fresh clone doesn't work; nothing is left.
    """
    folder = check_folder(folder, course.root)
    check_committed(course)
    who = committer(course.root)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise KitError(f"can't write there: {reason(error)}", str(folder), "name another folder") from error
    try:
        made, clone = scratch / "made", scratch / "clone"
        commit = make_repository(course.root, made, (who.name, who.email), home)
        plain(scratch, "clone", "--quiet", "--no-local", "--template=", str(made), str(clone))
        count = check_contents(made, clone, home)
        check_clone(Course(clone))
        if test and not test(clone):
            advice = "fix that here, commit it, then run this again"
            raise KitError("a fresh clone fails its tests, so nothing was made", str(folder), advice)
        if folder.exists():
            folder.rmdir()
        made.rename(folder)
    except OSError as error:
        raise KitError(f"can't write there: {reason(error)}", str(folder), "name another folder") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Release(folder, commit, count)


def check_folder(folder: Path, root: Path) -> Path:
    """The folder as an absolute path, if it doesn't exist or is empty, and isn't inside the course.

    Raises:
        KitError: it is in use.
    """
    folder = folder.absolute()
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise KitError("not a folder", str(folder), "name a new one")
    if folder.is_dir() and any(folder.iterdir()):
        raise KitError("this folder isn't empty", str(folder), "name a new one")
    if Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(root)):
        raise KitError("this is inside the course", str(folder), f"name a folder next to it, such as ../{folder.name}")
    return folder


def check_committed(course: Course) -> None:
    """Check that the whole course is committed, and nothing else is.

    Raises:
        KitError: a file isn't committed, is a student's, or isn't what the build makes; it names the remedy.
    """
    changed = git_output(course.root, "status", "--porcelain=v1", "-z", "--untracked-files=all", "--", ".").split("\0")
    if changed[0]:
        raise KitError(
            "this isn't committed",
            label(changed[0][3:]),
            "git add -A and git commit, or git stash -u, then run this again",
        )
    hidden = git_output(course.root, "ls-files", "-z", "-c", "-i", "--exclude-standard").split("\0")
    if hidden[0]:
        raise KitError(
            "this is committed, although .gitignore excludes it",
            label(hidden[0]),
            f"git rm --cached {label(hidden[0])}",
        )
    check_todos(course)
    own = {path.relative_to(course.root).as_posix() for path in everything(course)}
    stems = {chapter.entry.stem for chapter in course.chapters}
    for name in git_output(course.root, "ls-files", "-z", "--", "workshop").split("\0"):
        _, *inner = name.split("/")
        foreign = len(inner) > 1 and inner[0] in course.languages and Path(inner[-1]).stem not in stems
        if foreign and name not in own:
            raise KitError("this isn't part of the course", label(name), f"git rm {label(name)}, then commit")


def check_todos(course: Course) -> None:
    """Check that every derived file is what the build and a reset make.

    Raises:
        KitError: one isn't.
    """
    for path in drifted_files(course, everything(course)):
        work = has_work(path)
        command = f"python scripts/reset_to_todo.py {path.stem[2:4]}" if work else "python scripts/build.py"
        what = "this holds somebody's work" if work else "this isn't what the build makes of checkpoints/"
        raise KitError(what, shown(path, course.root), f"{command}, then commit")
    for language in course.languages:
        for change in changes(course, [chapter.id for chapter in course.chapters], language):
            command = f"python scripts/reset_to_todo.py {change.path.stem[2:4]} --lang {language}"
            raise KitError("this isn't the todo", shown(change.path, course.root), f"{command}, then commit")


def check_clone(clone: Course) -> None:
    """Check that every derived file was committed just as it is in the course's folder.

    Raises:
        KitError: one wasn't, because git was told not to look at it.
    """
    try:
        check_todos(clone)
    except KitError as error:
        advice = f"git update-index --no-assume-unchanged --no-skip-worktree {error.where}, then git status shows it"
        raise KitError("this differs from what was committed", error.where, advice) from error


def make_repository(root: Path, folder: Path, who: tuple[str, str], home: Home | None) -> str:
    """Make the repository with one commit of the tree at `root`'s HEAD, with this `home`; returns the commit's id."""
    tree = git_output(root, "rev-parse", "--verify", "HEAD:./").strip()
    folder.mkdir()
    plain(folder, "init", "--quiet", f"--initial-branch={BRANCH}", "--template=", ".")
    (folder / ".git" / "objects" / "pack").mkdir(parents=True, exist_ok=True)
    common = Path(git_output(root, "rev-parse", "--path-format=absolute", "--git-common-dir").strip())
    pack = folder / ".git" / "objects" / "pack" / "pack"
    plain(folder, f"--git-dir={common}", "pack-objects", "--quiet", "--revs", str(pack), given=f"{tree}\n")
    plain(folder, "read-tree", tree)
    plain(folder, "checkout-index", "--all", "--quiet", "-u")
    if home:
        move(Course(folder), home)
        plain(folder, "add", "--update")
        tree = plain(folder, "write-tree")
    name, email = who
    commit = plain(folder, "commit-tree", "-m", MESSAGE, tree, settings=[("user.name", name), ("user.email", email)])
    plain(folder, "update-ref", f"refs/heads/{BRANCH}", commit)
    if home:
        plain(folder, "update-ref", f"refs/tags/{home.version}", commit)
        plain(folder, "repack", "-a", "-d", "--quiet")  # which leaves out what the links were before
    return commit


def move(course: Course, home: Home) -> None:
    """Give a course another home, and build it again."""
    text = (course.root / SYLLABUS).read_text(encoding="utf-8")
    files.write(course.root / SYLLABUS, with_home(text, home).encode(), course.root)
    write_derived(course, everything(course))


def check_contents(made: Path, clone: Path, home: Home | None) -> int:
    """Check that there is one commit, one branch, no log, and no other object; returns the number of files.

    Raises:
        KitError: there's more.
    """
    commit = plain(made, "rev-parse", "HEAD")
    there = set(plain(made, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split())
    reached = {line.split()[0] for line in plain(made, "rev-list", "--objects", "--all").splitlines()}
    refs = [f"refs/heads/{BRANCH}", *([f"refs/tags/{home.version}"] if home else [])]
    sound = (
        plain(made, "rev-list", "--all", "--reflog").split() == [commit]
        and plain(made, "for-each-ref", "--format=%(refname)").split() == refs
        and there == reached
        and not (made / ".git" / "logs").exists()
        and not plain(made, "status", "--porcelain")
        and not plain(clone, "status", "--porcelain")
        and plain(clone, "rev-parse", "HEAD") == commit
    )
    plain(made, "fsck", "--full", "--no-dangling")
    if not sound:
        advice = "run git fsck here, then this again"
        raise KitError("the new repository holds more than one commit's files", str(made), advice)
    return len(plain(clone, "ls-files", "-z").strip("\0").split("\0"))


def passes(clone: Path) -> bool:
    """Whether `make test` passes in a fresh clone; its output is shown."""
    dropped = ("GIT_", "VIRTUAL_ENV", "PYTHONPATH", "PWD", "MAKE", "MFLAGS")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(dropped)}
    if "WORKSHOP_VENV" in kept:  # in the image, all clones share one environment, which must be told where to look
        kept["PYTHONPATH"] = str(clone)
    try:
        return subprocess.run(["make", "test"], cwd=clone, env=kept, check=False).returncode == 0
    except FileNotFoundError as error:
        raise KitError("make isn't installed", "", "install make, or skip the tests with --no-test") from error
