from __future__ import annotations

import json
import re
import stat
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from kit.course.course import Course
from kit.course.outline import outline_of
from kit.errors import KitError
from kit.forks.cohort import Cohort
from kit.forks.records import Attempted, Event, Fork, History, Mark, Status, Stuck, Tip
from kit.instructor.anonymise import REASONS, Key, anonymised, load_key, store_key
from kit.pairs.progress import ChapterProgress, Flag
from kit.report.formats import RENDERERS, to_json
from kit.report.options import RenderOptions

AT = datetime(2026, 3, 20, 18, 41, 57, tzinfo=UTC)
OID = "c0ffee" * 6 + "c0ff"
CANARY = "Canary"


def with_canaries(course: Course, students: int = 5) -> Cohort:
    """A cohort in which every text that isn't ours contains a canary of its own, whatever field it's in."""
    outlines = tuple(map(outline_of, course.chapters))
    count = 0

    def canary(around: str = "{}") -> str:
        nonlocal count
        count += 1
        return around.replace("{}", f"{CANARY}{count}x")

    forks = []
    for _ in range(students):
        one, two = outlines[0].exercises
        flags = (
            *(Flag(canary()), Flag("unknown exercise", (canary(), one), canary("workshop/{}/ch00_first.py"), 4)),
            *(Flag(canary("two files for chapter {}")), Flag(canary("exercise {} twice")), Flag("conflict")),
            *(Flag(canary("item {} ambiguous")), Flag(canary("two files for chapter {}"), (canary(),), canary(), 9)),
        )
        said = {one: canary("that counts one letter only {}"), two: canary(), canary(): canary()}
        progress = ChapterProgress(3, (one, canary()), (one, two, canary()), (canary(),), flags, said)
        events = (Event(one, "filled", AT, canary()), Event(canary(), "ticked", AT, OID))
        attempted = {one: Attempted(AT, AT, 3), canary(): Attempted(None, None, 1)}
        history = History(events, 2, canary(), (Stuck(one, AT, canary()), Stuck(canary(), AT, canary())), attempted)
        chapters = {outlines[0].id: progress, canary(): progress}
        reason = canary("more work on branch {}, not counted; moved to https://host/{}")
        extra = {canary(): canary("mail-{}@host.example")}
        tip = Tip(OID, canary(), AT)
        source = canary("https://host.example/{}")
        marks = (Mark(canary(), 1, 2, canary()),)
        row = {canary(): canary(), "Email address": canary("{}@host.example")}
        forks.append(
            Fork(canary(), source, "ok", reason, tip, chapters, extra, history, canary("podman {}"), row, marks)
        )
    for status in get_args(Status):
        forks.append(Fork(canary(), canary(), status, canary(), Tip(OID, canary(), AT), {}, {canary(): canary()}))
    return Cohort(AT, outlines, tuple(forks))


@pytest.mark.parametrize("form", sorted(RENDERERS))
def test_no_canary_is_in_any_form(course: Course, form: str) -> None:
    cohort = with_canaries(course)
    sayings = frozenset({"that counts one letter only"})
    render = RENDERERS[form]
    assert CANARY in render(cohort, RenderOptions(200))
    text = render(anonymised(cohort, Key(), sayings), RenderOptions(200, seconds=9)).casefold()
    text = text.replace("2026-03-20t18:41:57z", "")  # when the report was made
    for word in (CANARY, OID[:8], "host.example", "://", "18:41:57"):
        assert word.casefold() not in text
    assert not re.search(r"\w@\w", text)
    assert "student-01" in text or "student\\-01" in text or form == "moodle"  # which has only whom Moodle can know


def test_no_canary_is_in_any_field(course: Course) -> None:
    hidden = anonymised(with_canaries(course), Key(), frozenset({"that counts one letter only"}))
    assert CANARY not in repr(hidden.forks)
    first = next(fork for fork in hidden.forks if fork.chapters)
    assert [flag.word for flag in first.chapters["00"].flags][:2] == ["something to look at", "unknown exercise"]
    assert first.chapters["00"].flags[1] == Flag("unknown exercise", ("00.01",), "ch00_first.py", 4)
    assert first.chapters["00"].failed == {"00.01": "that counts one letter only", "00.02": "it doesn't pass"}
    assert first.tip == Tip("", "", AT.replace(hour=0, minute=0, second=0))
    assert first.history is not None
    assert [(event.id, event.commit) for event in first.history.events] == [("00.01", "")]
    assert first.history.attempted == {"00.01": Attempted(first.tip.committed_at, first.tip.committed_at, 3)}


KINDS = (Fork, Tip, ChapterProgress, Flag, History, Stuck, Attempted)


def test_every_field_of_a_fork_is_decided_on() -> None:
    """A new field must be dealt with here: a fork is rebuilt, so the field would be missing from a report."""
    names = [tuple(field.name for field in fields(kind)) for kind in KINDS]
    assert names == [
        ("name", "source", "status", "reason", "tip", "chapters", "extra", "history", "sandbox", "row", "marks"),
        ("oid", "branch", "committed_at"),
        ("total", "ticked", "filled", "verified", "flags", "failed"),
        ("word", "ids", "path", "line"),
        ("events", "commits", "note", "stuck", "attempted"),
        ("id", "since", "evidence"),
        ("first", "last", "commits"),
    ]
    assert set(REASONS) == set(get_args(Status))


def numbers(cohort: Cohort) -> list[str]:
    return [fork.name for fork in cohort.forks]


def test_the_order_tells_nothing(course: Course) -> None:
    cohort = with_canaries(course, 0)
    statuses = {tuple(f.status for f in anonymised(cohort, Key()).forks) for _ in range(5)}
    assert len(statuses) == 5
    names = [f"student-{number:02d}" for number, _ in enumerate(get_args(Status), 1)]
    assert all(numbers(anonymised(cohort, Key())) == names for _ in range(3))


def test_a_key_keeps_pseudonyms_when_others_come_and_go(course: Course, tmp_path: Path) -> None:
    cohort, file = with_canaries(course, 0), tmp_path / "keys" / "class.json"
    key = load_key(file)
    few = replace(cohort, forks=cohort.forks[3:9])
    first = {fork.status: fork.name for fork in anonymised(few, key).forks}
    store_key(file, key)
    everything = {fork.status: fork.name for fork in anonymised(cohort, load_key(file)).forks}
    assert everything.items() >= first.items()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert CANARY not in file.read_text()
    assert {fork.status: fork.name for fork in anonymised(few, Key()).forks} != first


def test_students_of_one_name_are_two(course: Course) -> None:
    cohort = with_canaries(course, 0)
    twins = tuple(replace(fork, name="same") for fork in cohort.forks[:2])
    assert numbers(anonymised(replace(cohort, forks=twins), Key())) == ["student-01", "student-02"]


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"kind": "other"}', '{"kind": "pseudonyms of a cohort"}', "\0"])
def test_another_file_is_no_key(tmp_path: Path, content: str) -> None:
    (tmp_path / "key").write_text(content)
    with pytest.raises(KitError):
        load_key(tmp_path / "key")
    assert (tmp_path / "key").read_text() == content


def test_json_has_no_tip(course: Course) -> None:
    forks = json.loads(to_json(anonymised(with_canaries(course), Key()), RenderOptions()))["forks"]
    assert {fork["tip"] for fork in forks} == {None}
    assert {fork["last_commit_at"] for fork in forks} == {"2026-03-20T00:00:00Z"}
