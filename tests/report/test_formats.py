from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from rich.cells import cell_len

from kit.course.course import Course
from kit.course.outline import Outline, outline_of
from kit.forks.cohort import Cohort
from kit.forks.records import Attempted, Event, Fork, History, Stuck, Tip
from kit.pairs.progress import EQUAL, ChapterProgress, Flag
from kit.report.concerns import concerns
from kit.report.counts import Counts, cell_text, chapter_counts, failures, fork_counts, summary
from kit.report.formats import RENDERERS, harmless, to_csv, to_json
from kit.report.gradebook import gradebook
from kit.report.insight import insight_of
from kit.report.options import RenderOptions
from kit.report.table import narrow_cell, to_table
from kit.report.tally import tallies_of

NOW = datetime(2026, 3, 22, 12, tzinfo=UTC)
TIP = Tip("a" * 40, "main", datetime(2026, 3, 20, 18, 4, 5, tzinfo=UTC))
DONE = ChapterProgress(3, ("00.01", "00.02", "00.r1"), ("00.01", "00.02"))
BEGUN = ChapterProgress(3, ("00.01",), ("00.01",), None, (Flag("pair stale"),))
BLANK = ChapterProgress(3)
CONFLICT = ChapterProgress(3, flags=(Flag("conflict"),))


@pytest.fixture
def cohort(course: Course) -> Cohort:
    outlines = tuple(map(outline_of, course.chapters))
    forks = (
        Fork("student-01", "clones/student-01", "ok", "", TIP, {"00": DONE, "01": BLANK}, {"story": "eager"}),
        Fork("student-02", "clones/student-02", "ok", "", TIP, {"00": BEGUN, "01": CONFLICT}, {"story": "stuck"}),
        Fork("student-03", "https://host/r", "empty", "not started"),
        Fork("=cmd()", "", "missing", "in the roster, without a fork", extra={"story": "@x"}),
    )
    return Cohort(NOW, outlines, forks)


def test_json(cohort: Cohort) -> None:
    report = json.loads(to_json(cohort, RenderOptions()))
    assert report["generated_at"] == "2026-03-22T12:00:00Z"
    assert report["course"] == {
        "chapters": [
            {"id": "00", "title": "First steps", "exercises": 2},
            {"id": "01", "title": "Second steps", "exercises": 2},
        ]
    }
    assert set(report) == {"generated_at", "course", "forks"}
    assert report["forks"][1] == {
        "name": "student-02",
        "source": "clones/student-02",
        "status": "ok",
        "reason": "",
        "tip": "a" * 40,
        "last_commit_at": "2026-03-20T18:04:05Z",
        "chapters": {
            "00": {"total": 3, "ticked": 1, "filled": 1, "verified": None, "flags": ["pair stale"]},
            "01": {
                "total": 3,
                "ticked": None,
                "filled": None,
                "verified": None,
                "flags": ["conflict"],
                "unread": "conflict",
            },
        },
        "extra": {"story": "stuck"},
    }
    assert report["forks"][2] == {
        "name": "student-03",
        "source": "https://host/r",
        "status": "empty",
        "reason": "not started",
        "tip": None,
        "last_commit_at": None,
        "chapters": {},
    }


def test_times_are_in_utc(cohort: Cohort) -> None:
    east = replace(TIP, committed_at=datetime(2026, 3, 20, 2, tzinfo=timezone(timedelta(hours=9))))
    nowhen = replace(TIP, committed_at=None)
    forks = tuple(replace(cohort.forks[0], tip=tip) for tip in (east, nowhen))
    seen = json.loads(to_json(replace(cohort, forks=forks), RenderOptions()))["forks"]
    assert [fork["last_commit_at"] for fork in seen] == ["2026-03-19T17:00:00Z", None]
    assert len(to_csv(replace(cohort, forks=forks), RenderOptions()).split("\r\n")) == 6
    assert "student-01" in to_table(replace(cohort, forks=forks), RenderOptions())


def test_verified_is_a_number_once_somebody_ran_the_checks(cohort: Cohort) -> None:
    checked = replace(cohort.forks[0], chapters={"00": replace(DONE, verified=("00.01",))})
    cohort = replace(cohort, forks=(checked,))
    assert json.loads(to_json(cohort, RenderOptions()))["forks"][0]["chapters"]["00"]["verified"] == 1
    assert next(csv.DictReader(io.StringIO(to_csv(cohort, RenderOptions()))))["verified"] == "1"


def test_csv(cohort: Cohort) -> None:
    rows = list(csv.reader(io.StringIO(to_csv(cohort, RenderOptions()))))
    head = ["name", "source", "status", "reason", "tip", "last_commit_at"]
    assert rows[0] == [*head, "chapter", "total", "ticked", "filled", "verified", "failed", "sandbox", "flags", "story"]
    assert rows[3] == [
        *("student-02", "clones/student-02", "ok", "", "a" * 40, "2026-03-20T18:04:05Z"),
        *("00", "3", "1", "1", "", "", "", "pair stale", "stuck"),
    ]
    assert [row[0] for row in rows[1:]] == ["student-01"] * 2 + ["student-02"] * 2 + ["student-03", "'=cmd()"]
    assert rows[-1][-1] == "'@x"
    assert {len(row) for row in rows} == {15}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_formulas_are_neutralised_in_every_cell(cohort: Cohort, start: str) -> None:
    evil = f"{start}1+1"
    progress = ChapterProgress(1, flags=(Flag(evil),))
    fork = Fork(evil, evil, "ok", evil, replace(TIP, oid=evil), {"00": progress}, {evil: evil})
    for row in csv.reader(io.StringIO(to_csv(replace(cohort, forks=(fork,)), RenderOptions()), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    assert harmless("1-1") == "1-1"


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("chapters", [1, 2, 13])
def test_a_table_fits_its_page(cohort: Cohort, width: int, chapters: int) -> None:
    outlines = tuple(replace(cohort.outlines[0], id=f"{n:02d}") for n in range(chapters))
    forks = tuple(
        replace(
            fork, chapters={o.id: progress for o, progress in zip(outlines, [DONE, BEGUN, CONFLICT] * 5, strict=False)}
        )
        for fork in cohort.forks
    )
    width = max(width, 75) if chapters == 13 else width  # what thirteen chapters need
    lines = to_table(Cohort(NOW, outlines, forks), RenderOptions(width)).split("\n")
    assert max(map(len, lines[:-4])) <= width
    assert sum(line.startswith("student-0") for line in lines) == 3


def test_a_table_says_all_in_words(cohort: Cohort) -> None:
    plain = to_table(cohort, RenderOptions(120))
    assert "\x1b" not in plain
    for word in ("empty", "missing", "merge markers in chapter 01", "only one of the two files", "eager"):
        assert word in plain
    assert "\x1b[" in to_table(cohort, RenderOptions(120, colour=True))


@pytest.mark.parametrize("width", [60, 80, 120, 160])
def test_reasons_are_folded_and_never_cut(cohort: Cohort, width: int) -> None:
    reason = "the last commit can't be read: object 4e1122f65f is lost or damaged, and so is what it was built on"
    stuck = (Stuck("00.02", NOW, "begun"), Stuck("01.01", NOW, "begun"))
    forks = (
        replace(cohort.forks[0], status="unreadable", reason=reason, chapters={}),
        replace(cohort.forks[1], history=History((), 3, stuck=stuck)),
    )
    lines = to_table(replace(cohort, forks=forks), RenderOptions(width)).split("\n")
    assert max(map(len, lines)) <= width
    assert "…" not in "".join(lines)
    for row, words in zip(("student-01", "student-02"), (reason, "stuck on 00.02, 01.01; merge markers"), strict=True):
        first = next(n for n, line in enumerate(lines) if line.startswith(row))
        more = next(n for n, line in enumerate(lines[first + 1 :], first + 1) if not line.startswith(" "))
        found = " ".join(" ".join(lines[first:more]).split())
        assert words in found


def test_a_table_has_totals_and_verified_ones_once_checked(cohort: Cohort) -> None:
    assert "verified" not in to_table(cohort, RenderOptions(120))
    checked = replace(cohort.forks[0], chapters={"00": replace(DONE, verified=("00.01",))}, sandbox="bubblewrap")
    heads, names, row, *_ = to_table(replace(cohort, forks=(checked,)), RenderOptions(120)).split("\n")
    assert heads.split()[-2:] == ["filled", "verified"] and names.count("of 4") == 2
    assert row[heads.index("filled") : heads.index("verified") + 8].split() == ["2", "1"]
    assert "verified in bubblewrap" in to_table(replace(cohort, forks=(checked,)), RenderOptions(200))


def test_what_could_not_be_judged_has_not_failed(cohort: Cohort) -> None:
    progress = replace(DONE, verified=(), failed={"00.01": "not judged: no room", "00.02": "wrong"})
    fork = replace(cohort.forks[0], chapters={"00": progress})
    assert failures(progress) == {"00.02": "wrong"}
    first, second, *_ = tallies_of(cohort.outlines, [fork])
    assert (first.failed, first.unchecked, second.failed, second.unchecked) == (0, 1, 1, 0)
    assert json.loads(to_json(replace(cohort, forks=(fork,)), RenderOptions()))["forks"][0]["chapters"]["00"]["failed"]


def test_wide_characters_keep_the_columns(cohort: Cohort) -> None:
    forks = tuple(replace(cohort.forks[0], name=name) for name in ("学生一", "student", "学" * 30))
    lines = to_table(replace(cohort, forks=forks), RenderOptions(120)).split("\n")[2:5]
    assert len({cell_len(line[: line.index("ok")]) for line in lines}) == 1


def test_a_name_is_no_markup(cohort: Cohort) -> None:
    forks = (replace(cohort.forks[0], name="[red]x[/red] [bold"),)
    assert "[red]x[/red] [bold" in to_table(replace(cohort, forks=forks), RenderOptions(120))


def test_cells(cohort: Cohort) -> None:
    outline: Outline = cohort.outlines[0]
    assert [cell_text(outline, p).strip() for p in (DONE, BEGUN, BLANK, CONFLICT, None)] == [
        "2/2",
        "1/1!",
        "·",
        "?!",
        "",
    ]
    assert [narrow_cell(outline, p).strip() for p in (DONE, BEGUN, BLANK, CONFLICT, None)] == [
        "█✓",
        "½!",
        "·",
        "?!",
        "",
    ]
    assert cell_text(outline, replace(DONE, filled=())).strip() == "2/0"


def test_a_challenge_counts_in_no_total(cohort: Cohort) -> None:
    outline = replace(cohort.outlines[0], challenge="00.02")
    without = replace(DONE, ticked=("00.01",), filled=("00.01",))
    for progress in (DONE, without, replace(DONE, verified=("00.01",)), replace(DONE, verified=("00.01", "00.02"))):
        counts = chapter_counts(outline, progress)
        assert (counts.total, counts.ticked, counts.filled) == (1, 1, 1) and counts.verified in (None, 1)
        assert narrow_cell(outline, progress) == "█✓"
    assert tallies_of([outline], [replace(cohort.forks[0], chapters={"00": without})])[1].waiting == 0
    with_one = replace(cohort, outlines=(outline, cohort.outlines[1]))
    chapters = json.loads(to_json(with_one, RenderOptions()))["course"]["chapters"]
    assert [chapter.get("challenge") for chapter in chapters] == ["00.02", None]


def test_a_bonus_chapter_counts_in_no_total_and_is_shown_once_somebody_has_begun_it(cohort: Cohort) -> None:
    first, second = cohort.outlines
    begun = replace(cohort, outlines=(first, replace(second, bonus=True)), forks=cohort.forks[:1])
    fork = replace(cohort.forks[0], chapters={"00": DONE, "01": BEGUN})
    begun = replace(begun, forks=(fork,))
    assert [each.id for each in begun.shown] == ["00", "01"]
    assert fork_counts(begun.outlines, fork) == Counts(2, 2, 2, None)
    blank = replace(begun, forks=(replace(fork, chapters={"00": DONE, "01": BLANK}),))
    assert [each.id for each in blank.shown] == ["00"] and insight_of(blank).total == 2
    assert "01" not in to_table(blank, RenderOptions()).split("\n")[0]
    assert [x.title for x in gradebook(begun, RenderOptions(points="chapter")).items] == [f"00 {first.title}"]


def test_concerns_put_the_urgent_first(cohort: Cohort) -> None:
    flags = tuple(Flag(word) for word in ("pair stale", "missing", EQUAL, "conflict"))
    fork = replace(
        cohort.forks[0],
        reason="note",
        chapters={"00": replace(BLANK, flags=flags), "01": replace(BLANK, flags=flags[:1])},
    )
    assert concerns(fork) == (
        "note; merge markers in chapter 00; answers equal to ours in chapter 00; both files missing in chapter 00; "
        "only one of the two files edited in chapters 00, 01"
    )
    many = replace(BLANK, flags=(Flag("ticked but blank", tuple(f"00.{n:02d}" for n in range(9))),))
    assert concerns(replace(fork, reason="", chapters={"00": many})).endswith("00.02 and 6 more")


def test_summary(cohort: Cohort) -> None:
    assert summary(cohort) == "4 forks: 2 ok, 1 empty, 1 missing"
    assert summary(replace(cohort, forks=cohort.forks[:1])) == "1 fork: 1 ok"


def test_renderers_share_one_signature(cohort: Cohort) -> None:
    assert set(RENDERERS) == {"table", "csv", "json", "html", "md", "canvas", "moodle"}
    assert all(render(cohort, RenderOptions()).endswith("\n") for render in RENDERERS.values())
    assert all(render(replace(cohort, forks=()), RenderOptions()) for render in RENDERERS.values())


def test_a_history_is_a_time_series_in_the_json(cohort: Cohort) -> None:
    assert TIP.committed_at
    events = (Event("00.01", "filled", TIP.committed_at, "a" * 40), Event("00.01", "ticked", None, "b" * 40))
    stuck = (Stuck("00.02", TIP.committed_at, "begun"),)
    attempted = {"00.02": Attempted(TIP.committed_at, None, 3, 2, True)}
    fork = replace(cohort.forks[0], history=History(events, 7, "a shallow clone", stuck, attempted))
    row = json.loads(to_json(replace(cohort, forks=(fork,)), RenderOptions()))["forks"][0]
    assert row["history"] == {
        "commits": 7,
        "note": "a shallow clone",
        "events": [
            {"id": "00.01", "kind": "filled", "at": "2026-03-20T18:04:05Z", "commit": "a" * 40},
            {"id": "00.01", "kind": "ticked", "at": None, "commit": "b" * 40},
        ],
        "attempted": {
            "00.02": {"commits": 3, "sittings": 2, "first": "2026-03-20T18:04:05Z", "last": None, "now": True}
        },
        "stuck": [{"id": "00.02", "since": "2026-03-20T18:04:05Z", "evidence": "begun"}],
    }


def test_flags_say_where_in_csv_and_json_and_the_table_stays_short(cohort: Cohort) -> None:
    flags = (Flag("ticked but blank", ("00.01",), "workshop/en/ch00_a.py", 12), Flag("symlink", (), "workshop/b"))
    fork = replace(cohort.forks[0], chapters={"00": replace(BLANK, flags=flags)})
    cohort = replace(cohort, forks=(fork,))
    assert json.loads(to_json(cohort, RenderOptions()))["forks"][0]["chapters"]["00"]["places"] == [
        {"flag": "ticked but blank 00.01", "path": "workshop/en/ch00_a.py", "line": 12},
        {"flag": "symlink", "path": "workshop/b", "line": None},
    ]
    row = next(csv.DictReader(io.StringIO(to_csv(cohort, RenderOptions()))))
    assert row["flags"] == "ticked but blank 00.01 (workshop/en/ch00_a.py:12); symlink (workshop/b)"
    assert "ch00_a" not in to_table(cohort, RenderOptions(200))
