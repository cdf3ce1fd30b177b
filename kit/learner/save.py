"""The learner's main command: sync the pairs, judge what has changed, tick what passes, and make one commit.

    each pair --sync--> Edit: what differs from HEAD --> verdicts --> ticks --> both files, normalised --> one commit

Only the course's files in the language folders are committed (`changes`). What else has changed is named, and left
alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pygit2

from kit import files
from kit.course.answers import Answer, read_cells
from kit.course.cells import Cell
from kit.course.chapter import Chapter, Exercise
from kit.course.checklist import all_items, mention_of, tick_marks, with_ticks
from kit.course.course import Course
from kit.errors import KitError
from kit.git import worktree
from kit.git.command import git_output
from kit.git.committer import ready_to_commit
from kit.judge.records import Verdict, text_of
from kit.judge.resident.remote import Judging, ResidentJudge
from kit.judge.verdict_cache import VerdictCache, verdict_cache
from kit.learner.changes import Changes, read_changes
from kit.learner.check import Finding, find
from kit.learner.locate import shown
from kit.learner.placed import Placed, in_pair
from kit.lock import while_locked
from kit.pairs import convert
from kit.pairs.base import store_base
from kit.pairs.normalise import normalised
from kit.pairs.pair import Cells, Pair, list_pairs, read_pair, resized, todo_cells
from kit.pairs.sync import Synced, sync
from kit.text import first_few, label
from kit.translation.edition import spoken

MOST_NAMED = 4  # exercises in a commit's message
# A learner's own nbstripout would be started for every notebook, and `normalised` has done its work already.
NO_FILTER = ("-c", "filter.nbstripout.clean=", "-c", "filter.nbstripout.required=false")


@dataclass(frozen=True, slots=True)
class Edit:
    """What differs from HEAD in a changed pair: the exercises whose cells differ, by id.

    `ticks` are those of all items, `gone` the exercises that have no cell any more, `no_items` a sentence for each
    line that the checklists lack. A pair with no changed exercise has none of these, and no chapter.
    """

    pair: Pair
    chapter: Chapter | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)
    ticks: Mapping[str, bool] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    no_items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save did. `commit` is empty if there was nothing new.

    `left` is what has changed and isn't in the commit, `postponed` lists chapters' files edited while being judged,
    `no_items` has a sentence for each line that the checklists lack.
    """

    synced: tuple[Synced, ...]
    findings: tuple[Finding, ...] = ()
    ticked: tuple[str, ...] = ()
    unticked: tuple[str, ...] = ()
    commit: str = ""
    message: str = ""
    left: Changes = field(default_factory=Changes)
    postponed: tuple[str, ...] = ()
    no_items: tuple[str, ...] = ()


def save(course: Course, text: str = "") -> Saved:
    """Sync, judge what has changed, tick, commit. `text` is the commit's message; without it, we write one.

    Raises:
        KitError: no commit can be made here, a file can't be read or written, or git refuses the commit.
    """
    repository, cache, judge = ready_to_commit(course.root), verdict_cache(course), ResidentJudge(course.root)
    changed = read_changes(course, repository).ours

    def has_changed(pair: Pair) -> bool:
        return not set(changed).isdisjoint(pair.paths)

    synced: list[Synced] = []
    edits: list[Edit] = []
    for pair in sorted(list_pairs(course), key=has_changed, reverse=True):
        done = sync(course, pair)
        synced.append(done)
        if has_changed(pair) or done.wrote:
            edit = edit_of(course, repository, done)
            edits.append(edit)
            if needs_judge(edit, cache):
                judge.begin()  # it imports torch while we sync the other pairs

    verdicts = judge_edits(course, edits, cache, judge)
    judge.close()
    ticks: dict[str, bool] = {}
    findings: list[Finding] = []
    postponed: list[str] = []
    for edit in edits:
        changes = ticks_to_change(edit, verdicts[edit.pair])
        if tick_and_normalise(edit, changes):
            ticks |= changes
            findings += verdicts[edit.pair]
        else:
            postponed += edit.pair.paths

    left = read_changes(course, repository)
    paths = [path for path in left.ours if path not in postponed]
    message = (text or default_message(findings, paths, left.whole)) if paths else ""
    return Saved(
        tuple(done for done in synced if done.wrote or done.clashes),
        tuple(findings),
        tuple(exercise_id for exercise_id, tick in sorted(ticks.items()) if tick),
        tuple(exercise_id for exercise_id, tick in sorted(ticks.items()) if not tick),
        commit(course.root, paths, message) if paths else "",
        message,
        replace(left, ours=()),
        tuple(postponed),
        tuple(each for edit in edits for each in edit.no_items),
    )


def edit_of(course: Course, repository: pygit2.Repository, done: Synced) -> Edit:
    """What differs from HEAD in a synced pair or, if the pair isn't in HEAD, from the todo."""
    pair = done.pair
    before = head_cells(repository, pair)
    if convert.keys(before) == convert.keys(done.cells):
        return Edit(pair)
    if not before:  # the exercises are the same in every language, and a folder of one's own has no catalogue
        before = todo_cells(course, Pair(course.root, spoken(course.root, pair.language), pair.stem))
    chapter = course.chapter(pair.id)
    old, new = read_cells(before).answers, read_cells(done.cells).answers
    ids = [exercise.id for exercise in chapter.exercises if exercise.id in new]
    answers = {each: new[each] for each in ids if each not in old or differ(new[each], old[each])}
    ticks = {item_id: mark == "x" for item_id, mark in tick_marks(done.cells).items()}
    gone = tuple(exercise.id for exercise in chapter.exercises if exercise.id in old and exercise.id not in new)
    lacking = [item.id for item in chapter.items if item.id not in {found.id for found in all_items(done.cells)}]
    return Edit(pair, chapter, answers, ticks, gone, tuple(no_item(pair, each, done.cells) for each in lacking))


def no_item(pair: Pair, item_id: str, cells: Cells) -> str:
    """That no line of a chapter's checklists has this id, and the line that was probably meant."""
    named = mention_of(item_id, cells)
    if named is None:
        return (
            f"{shown(pair.script)}: no checklist has a line for {item_id}. Next: write - [ ] {item_id} below its cell"
        )
    line, text = named
    where = f"{shown(pair.script)}:{line}"
    return (
        f"{where}: this is no checklist line: {label(text, 60)}. Next: begin it with - [ ] {item_id} or - [x] {item_id}"
    )


def head_cells(repository: pygit2.Repository, pair: Pair) -> Cells:
    """The pair's cells in HEAD; none if it has no such file, or none that can be read."""
    if repository.head_is_unborn:
        return ()
    tree = repository.head.peel(pygit2.Commit).tree
    inner = worktree.prefix(repository, pair.root)
    for path, parse in zip(pair.paths, (convert.script_cells, convert.notebook_cells), strict=True):
        found = worktree.blob(tree, inner + path)
        try:
            if found is not None and (cells := parse(found.data, path)):
                return cells
        except KitError:
            continue
    return ()


def differ(one: Answer, two: Answer) -> bool:
    """Whether two cells differ in anything but trailing spaces."""
    return convert.key(Cell("code", one.source)) != convert.key(Cell("code", two.source))


def needs_judge(edit: Edit, cache: VerdictCache) -> bool:
    """Whether an edit has a filled answer that isn't known to pass."""
    return any(
        edit.chapter and answer.filled and cache.outcome(each, text_of(edit.chapter, answer)) != "passed"
        for each, answer in edit.answers.items()
    )


def judge_edits(
    course: Course, edits: Iterable[Edit], cache: VerdictCache, judge: Judging
) -> dict[Pair, list[Finding]]:
    """The verdicts on the edited exercises of each pair, in order.

    An answer known to pass isn't judged again; one known to fail is, so that the judge can say why.
    """
    findings: dict[Pair, list[Finding]] = {}
    unknown: list[tuple[Pair, tuple[Chapter, Exercise, Placed]]] = []
    for edit in edits:
        findings[edit.pair] = []
        if edit.chapter is None:
            continue
        ids = [*edit.answers, *edit.gone]
        for exercise_id, place in zip(ids, in_pair(edit.pair.script.with_suffix(""), ids), strict=True):
            answer = edit.answers.get(exercise_id)
            if answer is None:
                verdict = Verdict(exercise_id, "error", place.lost)
                findings[edit.pair].append(Finding(verdict, edit.chapter.id, place.places))
            elif cache.outcome(exercise_id, text_of(edit.chapter, answer)) == "passed":
                findings[edit.pair].append(Finding(Verdict(exercise_id, "passed"), edit.chapter.id, place.places))
            else:
                exercise = edit.chapter.exercise(exercise_id)
                unknown.append((edit.pair, (edit.chapter, exercise, replace(place, answer=answer))))
    if unknown:
        cells = [cell for _, cell in unknown]
        for (pair, _), finding in zip(unknown, find(judge, cells, course), strict=True):
            findings[pair].append(finding)
    return {pair: sorted(found, key=lambda finding: finding.verdict.id) for pair, found in findings.items()}


def ticks_to_change(edit: Edit, findings: Iterable[Finding]) -> dict[str, bool]:
    """The ticks to set and to remove: what passes gets one, and nothing else that was edited keeps one."""
    wanted = {finding.verdict.id: finding.verdict.outcome == "passed" for finding in findings}
    return {each: tick for each, tick in wanted.items() if each in edit.ticks and edit.ticks[each] != tick}


def tick_and_normalise(edit: Edit, ticks: Mapping[str, bool]) -> bool:
    """Change these ticks in both files and put both into the committed form, the `.py` first.

    False if a file has been edited since the sync: then nothing is written, and the next save will deal with it.

    Raises:
        KitError: a file can't be read or written.
    """
    pair = edit.pair

    def attempt() -> bool:
        found = read_pair(pair)
        if found.script is None or found.notebook is None or convert.keys(found.script) != convert.keys(found.notebook):
            return False
        answers = read_cells(found.script).answers
        if any(each not in answers or differ(answers[each], answer) for each, answer in edit.answers.items()):
            return False
        cells = with_ticks(found.script, ticks)
        script = convert.script_bytes(cells) if ticks else found.script_bytes or b""
        notebook = convert.notebook_bytes(cells, pair.id, found.notebook_bytes)
        for path, before, data in (
            (pair.script, found.script_bytes or b"", script),
            (pair.notebook, found.notebook_bytes or b"", notebook),
        ):
            after = normalised(data, path.name)
            if after.rstrip(b"\n") != before.rstrip(b"\n"):
                files.write(path, resized(after, before), pair.root, expected=before)
        store_base(pair, cells)
        return True

    return while_locked(pair.root, attempt)


def default_message(findings: Iterable[Finding], paths: Iterable[str], whole: bool = False) -> str:
    """The message of a commit: which exercises pass, or else which chapters have work in them. `whole`: all is new."""
    passed = sorted({finding.verdict.id for finding in findings if finding.verdict.outcome == "passed"})
    if passed:
        return f"{first_few(passed, MOST_NAMED)} {'passes' if len(passed) == 1 else 'pass'}"
    if whole:
        return "the whole workshop"
    chapters = sorted({Path(path).name[2:4] for path in paths if Path(path).name.startswith("ch")})
    if not chapters:
        return "work in progress"
    return f"{'chapter' if len(chapters) == 1 else 'chapters'} {', '.join(chapters)}: work in progress"


def commit(root: Path, paths: Sequence[str], message: str) -> str:
    """Commit these paths and nothing else, whatever is staged; return the commit's short id.

    The hooks don't run: what they would do has been done already.

    Raises:
        KitError: git refuses.
    """
    given = "\0".join(paths).encode("utf-8", "surrogateescape")
    listed = ("--pathspec-from-file=-", "--pathspec-file-nul")
    plain = (*NO_FILTER, "--literal-pathspecs")
    git_output(root, *plain, "add", "--all", *listed, given=given)
    git_output(root, *plain, "commit", "--quiet", "--no-verify", "--only", "-m", message, *listed, given=given)
    return git_output(root, "rev-parse", "--short", "HEAD").strip()
