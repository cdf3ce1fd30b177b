"""The learner's one command: what they did is synced, judged where it changed, ticked, and in one commit.

    pairs --sync--> cells --what differs from HEAD--> verdicts --> ticks --> both files, normal --> one commit

Nothing but the files of the language folders is committed; what else has changed is named, and left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kit import files
from kit.course.answers import Answer, read_cells
from kit.course.cells import Cell
from kit.course.chapter import Chapter, Exercise
from kit.course.checklist import tick_marks, with_ticks
from kit.course.course import Course
from kit.errors import KitError
from kit.git import worktree
from kit.git.command import error_line, git, git_output
from kit.git.committer import ready_to_commit
from kit.judge.judge import Judge
from kit.judge.records import Verdict
from kit.judge.runners import ReplayRunner, shared_runner
from kit.judge.verdict_cache import VerdictCache, verdict_cache
from kit.learner.check import Finding, Placed, find
from kit.learner.locate import shown
from kit.lock import while_locked
from kit.pairs import convert
from kit.pairs.base import store_base
from kit.pairs.fast_read import Side, read_side
from kit.pairs.normalise import normalised
from kit.pairs.pair import Cells, Pair, pair_of, pairs, read, todo, visible
from kit.pairs.sync import Synced, sync

if TYPE_CHECKING:
    import pygit2

MOST_NAMED = 4  # exercises in a commit's message


@dataclass(frozen=True, slots=True)
class Changed:
    """A pair that has work in it which the last commit has not: the exercises whose cells differ, by id."""

    pair: Pair
    chapter: Chapter
    answers: Mapping[str, Answer]
    ticks: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save has done. `commit` is empty when there was nothing new; `left` are changed files of other kinds."""

    synced: tuple[Synced, ...]
    findings: tuple[Finding, ...] = ()
    ticked: tuple[str, ...] = ()
    unticked: tuple[str, ...] = ()
    commit: str = ""
    message: str = ""
    left: tuple[str, ...] = ()


def committed(repository: pygit2.Repository, pair: Pair) -> Cells:
    """The pair's cells as the last commit has them; none where it has no such file that can be read."""
    import pygit2

    if repository.head_is_unborn:
        return ()
    tree = repository.head.peel(pygit2.Commit).tree
    inner = worktree.prefix(repository, pair.root)
    for path, cells in ((pair.script, convert.script_cells), (pair.notebook, convert.notebook_cells)):
        found = worktree.blob(tree, inner + path.relative_to(pair.root).as_posix())
        try:
            if found is not None and (known := cells(found.data, pair.name)):
                return known
        except KitError:
            continue
    return ()


def changed(course: Course, repository: pygit2.Repository) -> list[Changed]:
    """The pairs with exercises that the last commit has otherwise, or, where it has none, the todo."""
    known = {entry.stem for entry in course.entries if not entry.planned}
    found = []
    for pair in pairs(course):
        if pair.stem not in known:
            continue
        cells = convert.script_cells(files.read(pair.script, pair.root) or b"", f"{pair.name}.py")
        before = committed(repository, pair)
        if convert.keys(before) == convert.keys(cells):
            continue
        now, old = read_cells(cells), read_cells(before or english(course, pair))
        chapter = course.chapter(pair.id)
        ids = [e.id for e in chapter.exercises if e.id in now.answers]
        fresh = {id: now.answers[id] for id in ids if id not in old.answers or other(now.answers[id], old.answers[id])}
        if fresh:
            ticks = {id: mark == "x" for id, mark in tick_marks(cells).items()}
            found.append(Changed(pair, chapter, fresh, ticks))
    return found


def english(course: Course, pair: Pair) -> Cells:
    """The todo of a chapter, in English: its exercises' cells are those of every language."""
    return todo(course, Pair(course.root, "en", pair.stem))


def other(one: Answer, two: Answer) -> bool:
    """Whether two cells differ in what counts."""
    return convert.key(Cell("code", one.source)) != convert.key(Cell("code", two.source))


def needs_judge(course: Course, repository: pygit2.Repository, memory: VerdictCache) -> bool:
    """Whether a filled cell that is not known to pass has changed since the last commit; a look, before the sync."""
    import pygit2

    inner = worktree.prefix(repository, course.root)
    tree = None if repository.head_is_unborn else repository.head.peel(pygit2.Commit).tree
    for path in touched(repository, course.root)[0]:
        try:
            pair_of(course, course.root / path)
            now = side(files.read(course.root / path, course.root), path)
        except KitError:
            continue
        before = worktree.blob(tree, inner + path) if tree else None
        old = side(before.data if before else None, path)
        for id, answer in now.answers.items():
            if answer.filled and answer != old.answers.get(id) and memory.outcome(id, answer.source) != "passed":
                return True
    return False


def side(data: bytes | None, path: str) -> Side:
    """What a file's bytes say; nothing where there is none."""
    return read_side(data, path.endswith(".ipynb")) if data else Side({}, {})


def judged(course: Course, work: Sequence[Changed], memory: VerdictCache) -> dict[Pair, list[Finding]]:
    """The verdicts on the changed exercises of each pair; a finding names the `.py`.

    What is known to pass is not judged again; for what does not, the judge says why.
    """
    known: dict[Pair, list[Finding]] = {}
    cells: list[tuple[Chapter, Exercise, Placed]] = []
    homes: dict[str, Pair] = {}
    for one in work:
        known[one.pair], name = [], shown(one.pair.script)
        for id, answer in one.answers.items():
            homes[f"{name} {id}"] = one.pair
            if memory.outcome(id, answer.source) == "passed":
                known[one.pair].append(Finding(Verdict(id, "passed"), one.chapter.id, name, answer.line))
            else:
                cells.append((one.chapter, one.chapter.exercise(id), Placed(answer, name, answer.line)))
    runs = any(placed.answer is not None and placed.answer.filled for _, _, placed in cells)
    judge = Judge(shared_runner(course.root) if runs else ReplayRunner(course.root))  # the second starts nothing
    for finding in find(judge, cells, course) if cells else ():
        known[homes[f"{finding.file} {finding.verdict.id}"]].append(finding)
    return {pair: sorted(found, key=lambda finding: finding.verdict.id) for pair, found in known.items()}


def wishes(work: Changed, findings: Iterable[Finding]) -> dict[str, bool]:
    """The ticks to set and to take away: what passes is ticked, what has changed and does not is not."""
    wanted = {finding.verdict.id: finding.verdict.outcome == "passed" for finding in findings}
    return {id: tick for id, tick in wanted.items() if id in work.ticks and work.ticks[id] != tick}


def settle(pair: Pair, wanted: Mapping[str, bool], answers: Mapping[str, Answer]) -> None:
    """Set the ticks in both files and bring both to the committed form; the `.py` first.

    A tick whose exercise has changed since it was judged stays as it is.

    Raises:
        KitError: a file cannot be read or written.
    """

    def once() -> None:
        sides = read(pair)
        cells = sides.script or sides.notebook or ()
        if not cells or (sides.notebook and convert.keys(sides.notebook) != convert.keys(cells)):
            return  # somebody has written since the sync: the next save takes it up
        now = read_cells(cells).answers
        ticks = {id: tick for id, tick in wanted.items() if id in now and not other(now[id], answers[id])}
        cells = with_ticks(cells, ticks)
        old = sides.notebook_bytes if sides.notebook else None
        script = convert.script(cells) if ticks or sides.script is None else sides.script_bytes or b""
        for path, data, before in (
            (pair.script, script, sides.script_bytes),
            (pair.notebook, convert.notebook(cells, pair.id, old), sides.notebook_bytes),
        ):
            after = normalised(data, files.shown(path, pair.root))
            if before is None or after.rstrip(b"\n") != before.rstrip(b"\n"):
                files.write(path, visible(after, before), pair.root, expected=before)
        store_base(pair, cells)

    while_locked(pair.root, once)


def touched(repository: pygit2.Repository, root: Path) -> tuple[list[str], list[str]]:
    """What differs from the last commit, below `root`: the files of the language folders, and the others."""
    from pygit2.enums import FileStatus

    inner = worktree.prefix(repository, root)
    status = repository.status(untracked_files="all", ignored=False)
    paths = sorted(
        path.removeprefix(inner)
        for path, found in status.items()
        if path.startswith(inner) and found not in (FileStatus.IGNORED, FileStatus.CURRENT)
    )
    ours = [path for path in paths if path.startswith("workshop/") and path.count("/") > 1]
    return ours, [path for path in paths if path not in ours]


def message(passed: Sequence[str], paths: Sequence[str]) -> str:
    """What a commit says when its author says nothing: which exercises pass, or in which chapters work goes on."""
    if passed:
        named = ", ".join(passed[:MOST_NAMED])
        more = f" and {len(passed) - MOST_NAMED} more" if len(passed) > MOST_NAMED else ""
        return f"{named}{more} pass" if len(passed) > 1 else f"{named} passes"
    chapters = sorted({Path(path).name[2:4] for path in paths if Path(path).name.startswith("ch")})
    if not chapters:
        return "work in progress"
    return f"chapter{'s' if len(chapters) > 1 else ''} {', '.join(chapters)}: work in progress"


def save(course: Course, text: str = "") -> Saved:
    """Sync, judge what changed, tick, commit; `text` is the commit's message, made up where it is empty.

    Raises:
        KitError: as `committer.ready`, `sync` and `settle`; or git refuses the commit.
    """
    repository, memory = ready_to_commit(course.root), verdict_cache(course)
    if needs_judge(course, repository, memory):
        shared_runner(course.root)  # it imports torch, while all else is looked at
    done = [sync(course, pair) for pair in pairs(course)]
    synced = tuple(one for one in done if one.wrote or one.clashes)
    work = changed(course, repository)
    findings: list[Finding] = []
    wanted: dict[Pair, dict[str, bool]] = {}
    verdicts = judged(course, work, memory)
    for one in work:
        findings += verdicts[one.pair]
        wanted[one.pair] = wishes(one, verdicts[one.pair])
    ours, left = touched(repository, course.root)
    answers = {one.pair: one.answers for one in work}
    for pair in pairs(course):
        if pair in wanted or {f"{pair.name}.py", f"{pair.name}.ipynb"} & set(ours):
            settle(pair, wanted.get(pair, {}), answers.get(pair, {}))
    ours, left = touched(repository, course.root)
    ticks = sorted((id, tick) for found in wanted.values() for id, tick in found.items())
    ticked, unticked = tuple(id for id, tick in ticks if tick), tuple(id for id, tick in ticks if not tick)
    passed = sorted({finding.verdict.id for finding in findings if finding.verdict.outcome == "passed"})
    said = text or message(passed, ours)
    commit = record(course.root, ours, said) if ours else ""
    return Saved(synced, tuple(findings), ticked, unticked, commit, said if ours else "", tuple(left))


def record(root: Path, paths: Sequence[str], text: str) -> str:
    """Commit these paths and nothing else, whatever is staged; the short id of the commit.

    The hooks are left out: what they would do is done.

    Raises:
        KitError: git refuses.
    """
    git_output(root, "add", "--all", "--", *paths)
    git_output(root, "commit", "--quiet", "--no-verify", "--only", "-m", text, "--", *paths)
    return git_output(root, "rev-parse", "--short", "HEAD").strip()


def push(root: Path) -> str:
    """Push the branch to where it belongs: its own upstream, else the remote `origin`. What went wrong, or nothing."""
    branch = git_output(root, "symbolic-ref", "--short", "HEAD").strip()
    upstream = git(root, "rev-parse", "--abbrev-ref", "@{upstream}")
    if upstream.returncode == 0:
        words, again = ["push"], "git push"
    elif "origin" in git_output(root, "remote").split():
        words, again = ["push", "--set-upstream", "origin", branch], f"git push --set-upstream origin {branch}"
    else:
        return "there is nowhere to push to: git remote add origin <address of your fork>, then save --push again"
    done = git(root, *words)
    return "" if done.returncode == 0 else f"{error_line(done.stderr)}; to try again: {again}"
