"""The page and the Markdown as text, without a browser."""

from __future__ import annotations

import re
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from benchmarks.page import made_up
from kit.course.course import ROOT, Course
from kit.course.outline import outline_of
from kit.forks.cohort import Cohort
from kit.forks.records import Event, Fork, History, Stuck, Tip
from kit.pairs.progress import ChapterProgress
from kit.report.chart import levels
from kit.report.days import daily
from kit.report.formats import to_html, to_markdown
from kit.report.grid import height
from kit.report.insight import insight_of
from kit.report.links import commit_link, file_link, home
from kit.report.markdown import escape
from kit.report.options import RenderOptions
from tests.forks.test_term import cohorts
from tests.support.hostile_cohort import AT, HOSTILE, OID, hostile
from tests.support.term import Term


@pytest.fixture
def cohort(course: Course) -> Cohort:
    return made_up([outline_of(chapter) for chapter in course.chapters], 30)


class Elements(HTMLParser):
    """Every element of a page, with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_same_cohort_is_the_same_bytes(cohort: Cohort) -> None:
    assert to_html(cohort, RenderOptions()) == to_html(replace(cohort), RenderOptions())
    assert to_html(cohort, RenderOptions()) != to_html(replace(cohort, forks=cohort.forks[1:]), RenderOptions())


def test_the_policy_names_the_style_and_the_script_that_are_there(cohort: Cohort) -> None:
    text = to_html(cohort, RenderOptions())
    policy = next(a["content"] for tag, a in Elements(text).found if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    for kind in ("style", "script"):
        (inner,) = re.findall(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        assert f"{kind}-src 'sha256-{b64encode(sha256(inner.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_nothing_hostile_becomes_an_element_or_an_address(cohort: Cohort) -> None:
    text = to_html(hostile(cohort), RenderOptions())
    found = Elements(text).found
    kind = {tag for tag, _ in found}
    assert {tag for tag, _ in found if tag in ("img", "iframe", "object", "link", "base", "video")} == set()
    assert [tag for tag, _ in found].count("script") == [tag for tag, _ in found].count("style") == 1
    assert {"main", "header", "nav", "footer", "table", "caption", "svg"} <= kind
    assert not [name for _, attrs in found for name in attrs if name.startswith("on") or name == "style"]
    links = [attrs["href"] or "" for tag, attrs in found if tag == "a"]
    assert all(link.startswith(("#", "https://github.com/o/r/")) for link in links)
    assert f"https://github.com/o/r/commit/{OID}" in links
    assert not {"\u202e", "\u2066", "\x1b"} & set(text)
    assert "<bdi>{{ 7*7 }}</bdi>" in text


def test_every_table_has_a_caption_or_is_in_a_panel_and_every_head_its_scope(cohort: Cohort) -> None:
    text = to_html(cohort, RenderOptions())
    assert text.count("<table") == text.count("<caption")
    assert all("scope" in attrs for tag, attrs in Elements(text).found if tag == "th")
    ids = [attrs["id"] for _, attrs in Elements(text).found if "id" in attrs]
    assert len(ids) == len(set(ids))
    named = [a["aria-labelledby"] for _, a in Elements(text).found if "aria-labelledby" in a]
    assert set(named) <= set(ids)


def test_a_fork_that_was_not_read_is_no_zero(cohort: Cohort) -> None:
    lost = Fork("student-99", "", "timed out", "the server did not answer")
    text = to_html(replace(cohort, forks=(lost,)), RenderOptions())
    rows = text[text.index('<tbody id="rows">') :]
    assert rows.index('class="none"') < rows.index("the server did not answer")
    assert not re.search(r'<td class="(?:h|z)', rows[: rows.index("</tbody>")])


@pytest.mark.parametrize("students", [0, 1, 2])
@pytest.mark.parametrize("checked", [True, False])
def test_small_classes(cohort: Cohort, students: int, checked: bool) -> None:
    few = made_up(cohort.outlines, students, checked=checked)
    assert to_html(few, RenderOptions()).endswith("</html>\n")
    assert to_markdown(few, RenderOptions()).count("| student") >= 1


def test_what_is_not_known_is_left_out(cohort: Cohort) -> None:
    bare = made_up(cohort.outlines, 30, checked=False)
    full, without = (to_html(one, RenderOptions()) for one in (cohort, bare))
    assert 'id="burnup-wide"' in full
    assert 'id="burnup-wide"' not in without
    assert "--history" in without
    assert "--verify" in without
    assert "--verify" not in full


def test_a_page_that_is_made_anew_says_so_to_browsers_without_scripts(cohort: Cohort) -> None:
    refreshed = [
        a for _, a in Elements(to_html(cohort, RenderOptions(seconds=20))).found if a.get("http-equiv") == "refresh"
    ]
    assert [a["content"] for a in refreshed] == ["20"]
    assert "refresh" not in {a.get("http-equiv") for _, a in Elements(to_html(cohort, RenderOptions())).found}


def test_tallies(cohort: Cohort) -> None:
    outline = cohort.outlines[0]
    one, two = outline.exercises
    passed = ChapterProgress(3, (one,), (one,), (one,))
    failed = [ChapterProgress(3, (), (one, two), (two,), failed={one: said}) for said in ("b", "a", "a")]
    forks = tuple(Fork(f"student-{n}", "", "ok", chapters={outline.id: p}) for n, p in enumerate([passed, *failed]))
    first, second, third, _ = insight_of(replace(cohort, forks=forks)).tallies
    assert (first.ticked, first.filled, first.verified, first.failed) == (1, 4, 1, 3)
    assert (first.message, first.times) == ("a", 2)
    assert (second.filled, second.verified, second.failed, second.unchecked, second.waiting) == (3, 3, 0, 0, 1)
    assert (third.filled, third.waiting) == (0, 3)


def test_a_day_is_what_stood_at_its_end(cohort: Cohort) -> None:
    one, two = cohort.outlines[0].exercises
    late, early = AT + timedelta(days=2), AT - timedelta(days=9)
    events = (
        *(Event(one, "filled", AT, ""), Event(one, "ticked", AT, ""), Event(two, "filled", None, "")),
        *(Event(two, "emptied", early, ""), Event("99.01", "filled", AT, ""), Event(two, "filled", late, "")),
    )
    fork = Fork("student-01", "", "ok", chapters={"00": ChapterProgress(3)}, history=History(events, 6))
    assert daily(fork, frozenset((one, two))) == [(AT.date(), 1, 1), (late.date(), 2, 1)]
    days = insight_of(replace(cohort, forks=(fork,))).days
    assert [(day.filled, day.low, day.high, day.ticked) for day in days] == [(1, 1, 1, 1), (1, 1, 1, 1), (2, 2, 2, 1)]


def test_quiet_is_a_week_behind_the_newest_commit(cohort: Cohort) -> None:
    progress = {"00": ChapterProgress(3, filled=cohort.outlines[0].exercises[:1])}
    times = [AT, AT - timedelta(days=6), AT - timedelta(days=8), None, AT - timedelta(days=30)]
    forks = tuple(Fork(f"student-{n}", "", "ok", "", Tip(OID, "main", at), progress) for n, at in enumerate(times))
    assert insight_of(replace(cohort, generated_at=AT, forks=forks)).quiet == (4, 2)
    nobody = tuple(replace(fork, chapters={"00": ChapterProgress(3)}) for fork in forks)
    assert insight_of(replace(cohort, generated_at=AT, forks=nobody)).quiet == ()


def answers(cohort: Cohort) -> Cohort:
    """Six students: two stuck on the same exercise, one gone quiet, one not begun, one done, one without a fork."""
    one, two = cohort.outlines[0].exercises
    three, four = cohort.outlines[1].exercises
    evidence = "changed in 5 commits over 5 sittings"

    def student(name: str, filled: tuple[str, ...], right: tuple[str, ...], days: int = 0, stuck: str = "") -> Fork:
        chapters = {
            outline.id: ChapterProgress(
                3,
                tuple(x for x in filled if x in outline.exercises),
                tuple(x for x in filled if x in outline.exercises),
                tuple(x for x in right if x in outline.exercises),
                failed={x: "rows, not columns" for x in filled if x in outline.exercises and x not in right},
            )
            for outline in cohort.outlines
        }
        history = History((), 3, stuck=(Stuck(stuck, AT, evidence),) if stuck else ())
        return Fork(name, "", "ok", "", Tip(OID, "main", AT - timedelta(days=days)), chapters, history=history)

    forks = (
        student("ann", (one, two, three), (one, two), stuck=three),
        student("bob", (one, two, three), (one, two), stuck=three),
        student("cleo", (one,), (one,), days=20),
        student("dan", (), ()),
        student("eve", (one, two, three, four), (one, two, three, four)),
        Fork("flo", "", "missing", "in the roster, without a fork"),
    )
    return replace(cohort, generated_at=AT, forks=forks)


def test_the_answers_to_the_three_questions(cohort: Cohort) -> None:
    three = cohort.outlines[1].exercises[0]
    insight = insight_of(answers(cohort))
    assert [(exercise, [n for n, _ in who]) for exercise, who in insight.stuck_on] == [(three, [0, 1])]
    assert (insight.quiet, insight.unbegun, [n for n, _ in insight.concerns]) == ((2,), (3,), [5])
    assert [(tally.id, tally.failed, tally.stuck, tally.struggling) for tally in insight.again] == [(three, 2, 2, 2)]
    assert (insight.finished, insight.places) == (1, (("00", 1), ("01", 2)))
    assert insight.finished + sum(count for _, count in insight.places) + len(insight.unbegun) == insight.read


def test_the_first_screen_is_words_and_no_number_is_bare(cohort: Cohort) -> None:
    text = to_html(answers(cohort), RenderOptions())
    lead = unescape(re.sub("<[^>]+>", "", text[text.index('id="lead"') : text.index('class="answers"')]))
    for words in (
        "Who needs you? ann and bob are stuck; cleo has gone quiet; dan has not begun; 1 fork is worth a look.",
        "2 of the 3 students who filled it don't pass; 2 students are stuck",
        "Half of the 5 students have filled 3 of 4 exercises or more.",
        "is in 01 Second steps.",
    ):
        assert words in " ".join(lead.split())
    assert "sittings" not in text[: text.index('id="panels"')]  # the evidence is with the student
    titles = {item: title for outline in cohort.outlines for item, title in outline.titles.items()}
    named = re.findall(r"<b>(\d\d\.\d\d)</b>( [^<]*)?", text)
    assert named and all(after.strip().startswith(titles[exercise]) for exercise, after in named)


def test_a_class_whose_stuck_are_known_reads_so_on_the_first_screen(tmp_path: Path) -> None:
    known, cohort = next(cohorts(Term(tmp_path, 1), [6]))
    text = to_html(cohort, RenderOptions())
    lead = text[text.index('id="lead"') : text.index('class="answers"')]
    stuck = set(re.findall("<bdi>(.*?)</bdi>", lead[: lead.index(" stuck")]))
    assert stuck == {name for name, one in known.items() if one.stuck}
    cards = text[text.index('class="answers"') : text.index('id="charts"')]
    assert all(f"<b>{one.stuck}</b> Step {int(one.stuck[3:])}" in cards for one in known.values() if one.stuck)
    assert {"clone", "clone-that-pulls", "late-starter"} <= set(re.findall("<bdi>(.*?)</bdi>", lead))


def test_a_bonus_chapter_that_nobody_has_filled_is_no_column_and_its_exercises_have_names(cohort: Cohort) -> None:
    first, second = cohort.outlines
    fork = answers(cohort).forks[3]
    history = History((), 3, stuck=(Stuck(second.exercises[0], AT, "changed in 5 commits"),))
    bonus = replace(cohort, outlines=(first, replace(second, bonus=True)), forks=(replace(fork, history=history),))
    text = to_html(bonus, RenderOptions())
    assert text.count('data-sort="cell"') == 1
    assert f"<b>{second.exercises[0]}</b> {second.titles[second.exercises[0]]}" in text
    assert insight_of(bonus).places == () and insight_of(bonus).total == 2


def test_verified_has_a_total_once_somebody_ran_the_checks(cohort: Cohort) -> None:
    text = to_html(answers(cohort), RenderOptions())
    assert ">verified<small>of 4</small>" in text
    assert text[text.index('id="rows"') :].count('<td class="d">') == 2 * 5
    bare = to_html(made_up(cohort.outlines, 5, checked=False), RenderOptions())
    assert "verified<small>" not in bare


def test_median_verified_is_of_those_who_were_checked(cohort: Cohort) -> None:
    assert insight_of(answers(cohort)).median_verified == 2


def test_links() -> None:
    assert home("https://host.example/o/r.git/") == "https://host.example/o/r"
    assert commit_link("https://gitlab.example/g/s/r.git", OID) == f"https://gitlab.example/g/s/r/-/commit/{OID}"
    assert commit_link("https://host.example/o/r", OID) == f"https://host.example/o/r/commit/{OID}"
    place = file_link("https://github.com/o/r", OID, "workshop/en/ch 1#.py", 12)
    assert place == f"https://github.com/o/r/blob/{OID}/workshop/en/ch%201%23.py#L12"
    assert file_link("https://host.example/o/r", OID, "a.py") == ""
    assert file_link("https://github.com/o/r", OID, "../a.py") == ""


@pytest.mark.parametrize(
    "source",
    [
        *("javascript:alert(1)//o/r", "data:text/html,x", "file:///etc/passwd", "ssh://git@host/o/r", "git@host:o/r"),
        *("https://user:secret@host/o/r", "https://host", "https://host/o", "https://ho st/o/r", 'https://h/o/r"x'),
        *("https://host/../r", "https://host/o/..", "//host/o/r", "", "clones/student-01", "https://[bad/o/r"),
    ],
)
def test_what_is_no_plain_web_address_is_no_link(source: str) -> None:
    assert commit_link(source, OID) == ""
    assert file_link(source, OID, "a.py", 1) == ""
    assert commit_link("https://github.com/o/r", source) == ""


def test_heights_and_levels() -> None:
    assert [height(count, 100) for count in (0, 1, 99, 100)] == [0, 1, 8, 9]
    assert [levels(most) for most in (1, 10, 157)] == [[0, 1], [0, 5, 10], [0, 50, 100, 157]]


@pytest.mark.parametrize("text", [*HOSTILE, "[a](http://b.c)", "https://a.bc", "www.a.bc", "| a", "# a", "- a", "1. a"])
def test_markdown_is_text(text: str) -> None:
    for line in (f"- x: {escape(text)}", f"| a |\n| --- |\n| {escape(text)} |"):
        tokens = MarkdownIt("commonmark").enable("table").parse(line)
        kinds = {t.type for token in tokens for t in (token, *(token.children or ()))}
        assert not kinds & {"link_open", "html_inline", "html_block", "image", "heading_open", "code_inline", "em_open"}
        assert line.startswith("|") == ("tr_open" in kinds)
    assert not re.search(r"[@#]\w", escape("@somebody #12 a@b.cd"))
    assert not re.search(r"\w://", escape("https://a.bc"))


def test_markdown_of_a_class(cohort: Cohort) -> None:
    lines = to_markdown(cohort, RenderOptions()).split("\n")
    table = [line for line in lines if line.startswith("| ")]
    assert len(table) == len(cohort.forks) + 2
    assert len({line.replace("\\|", "").count("|") for line in table}) == 1
    hostile_lines = to_markdown(hostile(cohort), RenderOptions()).split("\n")
    assert sum(line.startswith("| ") for line in hostile_lines) == 2 * len(HOSTILE) + 2


def test_other_forms_do_not_load_templates() -> None:
    code = (
        "import sys, kit.instructor.progress, kit.report.formats; "
        "print(sorted({'jinja2', 'playwright', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
