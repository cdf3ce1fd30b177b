"""The cohort as one HTML file: no network, a strict content security policy, and of use without JavaScript.

Insight --person, tile--> records --page.html.j2, page.css, page.js--> text
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from statistics import median_low
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from kit.course.outline import Outline
from kit.forks.cohort import Cohort
from kit.forks.records import Fork, Stuck
from kit.pairs.progress import UNREADABLE, ChapterProgress, Flag
from kit.report.chart import burn_up, profile
from kit.report.insight import Counts, Insight, counts_in, failures, insight
from kit.report.links import commit_link, file_link
from kit.report.table import RenderOptions, summary, uncounted
from kit.text import label

if TYPE_CHECKING:
    from jinja2 import Environment

CODE = re.compile("`([^`]+)`")
STEPS = 9  # heights that a bar in a cell can have
STEP = 2  # pixels of each
LONGEST = 400  # signs of a word from a fork
MOST_FAILED = 40  # that are told with their message, for one student


@dataclass(frozen=True, slots=True)
class Tile:
    """A number at the top of the page."""

    what: str
    big: str
    small: str
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """A chapter's column."""

    id: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """A chapter in a student's panel."""

    id: str
    ticked: int
    filled: int
    verified: str
    total: int
    strip: Markup


@dataclass(frozen=True, slots=True)
class Marked:
    """A flag in a student's panel, with where it stands."""

    chapter: str
    words: str
    place: str | Markup


@dataclass(frozen=True, slots=True)
class Person:
    """A student: their row on the map, and their panel."""

    name: str
    status: str
    reason: str
    extra: str
    last: str
    flags: int
    marks: Markup
    bar: Markup
    cells: Markup
    line: str
    facts: tuple[str | Markup, ...]
    stuck: tuple[Stuck, ...]
    chapters: tuple[Line, ...]
    untouched: str
    marked: tuple[Marked, ...]
    failed: tuple[tuple[str, str], ...]


def plain(text: str) -> str:
    """A word from a fork, fit to be shown."""
    return label(text, LONGEST)


def code(text: str) -> Markup:
    """Words with what stands between backticks as code."""
    return Markup(CODE.sub(r"<code>\1</code>", escape(plain(text))))


def step(count: int, total: int) -> int:
    """How high a bar is: 0 for nothing, the top for all alone."""
    return 0 if not count else STEPS if count >= total else max(1, min(STEPS - 1, count * STEPS // max(1, total)))


def cell(counts: Counts, checked: bool, words: str = "", unread: bool = False) -> str:
    """A cell of the map: bars by their classes, the same as numbers in text, a mark that says what is flagged."""
    mark = f'<b title="{escape(words)}">!</b>' if words else ""
    if unread or not (counts.ticked or counts.filled):
        return f"<td class=z>{'?' if unread else '·'}{mark}"
    numbers = f"{counts.ticked:>2} {counts.filled:>2}"
    classes = [f"a{step(counts.ticked, counts.total)}", f"b{step(counts.filled, counts.total)}"]
    if checked:
        numbers += f" {'–' if counts.verified is None else counts.verified:>2}"
        classes.append(f"e{step(counts.verified or 0, counts.total)}")
    if counts.total <= (counts.filled if not checked else counts.verified or 0):
        classes.append("k")
    return f'<td class="h {" ".join(classes)}">{numbers}{mark}'


def words_of(flags: Sequence[Flag]) -> str:
    """A chapter's flags in one short line."""
    return label("; ".join(map(str, flags)), 80)


def strip(outline: Outline, progress: ChapterProgress) -> str:
    """One sign for each exercise of a chapter."""
    failed, verified = failures(progress), set(progress.verified or ())
    filled, ticked = set(progress.filled), set(progress.ticked)
    signs = ((verified, "●"), (failed, "✗"), (filled, "◐"), (ticked, "○"))
    return "".join(next((sign for group, sign in signs if id in group), "·") for id in outline.exercises)


def linked(text: str, address: str) -> str | Markup:
    """A link, where there is an address."""
    return Markup('<a href="{}" rel="noreferrer noopener">{}</a>').format(address, text) if address else text


def place_of(fork: Fork, flag: Flag) -> str | Markup:
    """File, line and commit that a flag speaks of."""
    if not flag.path:
        return ""
    oid = fork.tip.oid if fork.tip else ""
    place = f"{plain(flag.path)}:{flag.line}" if flag.line > 0 else plain(flag.path)
    at = linked(place, file_link(fork.source, oid, flag.path, flag.line))
    return Markup("{} at {}").format(at, linked(oid[:8], commit_link(fork.source, oid))) if oid else at


def facts(fork: Fork) -> Iterator[str | Markup]:
    """What is known of a fork beside its chapters."""
    if fork.source:
        yield plain(fork.source)
    if fork.tip:
        if fork.tip.branch:
            yield f"branch {plain(fork.tip.branch)}"
        if fork.tip.oid:
            yield Markup("commit {}").format(linked(fork.tip.oid[:8], commit_link(fork.source, fork.tip.oid)))
        if fork.tip.committed_at:
            yield f"last work {fork.tip.committed_at:%Y-%m-%d %H:%M} UTC"
    yield from (f"{plain(title)}: {plain(value)}" for title, value in fork.extra.items() if value)
    if fork.history and fork.history.note:
        yield plain(fork.history.note)
    if fork.sandbox:
        yield f"verified in {plain(fork.sandbox)}"
    if fork.chapters and fork.reason:
        yield plain(fork.reason)


def person(outlines: Sequence[Outline], fork: Fork, counts: Counts, checked: bool) -> Person:
    """A student as the page shows them."""
    lines: list[Line] = []
    marked: list[Marked] = []
    failed: dict[str, str] = {}
    cells: list[str] = []
    untouched: list[str] = []
    for outline in outlines if fork.chapters else ():
        progress = fork.chapters.get(outline.id)
        if progress is None:
            cells.append("<td>")
            continue
        numbers = counts_in(outline, progress)
        unread = uncounted(progress) and any(flag.word in UNREADABLE for flag in progress.flags)
        cells.append(cell(numbers, checked, words_of(progress.flags), unread))
        if numbers.ticked or numbers.filled:
            verified = "–" if numbers.verified is None else str(numbers.verified)
            signs = Markup(strip(outline, progress))
            lines.append(Line(outline.id, numbers.ticked, numbers.filled, verified, numbers.total, signs))
        elif not unread:
            untouched.append(outline.id)
        marked += [Marked(outline.id, plain(str(flag)), place_of(fork, flag)) for flag in progress.flags]
        failed |= failures(progress)
    stuck = fork.history.stuck if fork.history else ()
    said = [f"{counts.filled} of {counts.total} filled" if fork.chapters else f"{fork.status}: {plain(fork.reason)}"]
    if fork.chapters and counts.verified is not None:
        said.append(f"{counts.verified} verified")
    if marked:
        said.append(f"{len(marked)} flag{'s' if len(marked) > 1 else ''}")
    marks = (" data-g" if marked else "") + (" data-s" if stuck else "")
    listed = list(failed.items())
    more = [("", f"and {len(listed) - MOST_FAILED} more")] if len(listed) > MOST_FAILED else []
    return Person(
        plain(fork.name),
        fork.status,
        plain(fork.reason),
        plain(", ".join(value for value in fork.extra.values() if value)),
        f"{fork.tip.committed_at:%Y-%m-%d}" if fork.tip and fork.tip.committed_at else "",
        len(marked),
        Markup(marks),
        Markup(counts.filled),
        Markup("".join(cells)),
        ", ".join(said),
        tuple(facts(fork)),
        stuck,
        tuple(lines),
        ", ".join(untouched),
        tuple(marked),
        tuple(listed[:MOST_FAILED] + more),
    )


def middle(cohort: Cohort, checked: bool) -> str:
    """The cells of the student in the middle, chapter by chapter."""
    cells = []
    for outline in cohort.outlines:
        found = [counts_in(outline, fork.chapters[outline.id]) for fork in cohort.forks if outline.id in fork.chapters]
        known = [counts.verified for counts in found if counts.verified is not None]
        numbers = Counts(
            len(outline.exercises),
            median_low([counts.ticked for counts in found] or [0]),
            median_low([counts.filled for counts in found] or [0]),
            median_low(known) if known else None,
        )
        cells.append(cell(numbers, checked))
    return "".join(cells)


def tiles(all: Insight) -> list[Tile]:
    """The numbers at the top."""
    forks = all.cohort.forks
    unread = len(forks) - all.read
    title = {id: outline.title for outline in all.cohort.outlines for id in outline.exercises}
    filled = sum(tally.filled for tally in all.tallies)
    verified, failed = (sum(getattr(tally, kind) for tally in all.tallies) for kind in ("verified", "failed"))
    checked = verified + failed
    share = f"{100 * verified // checked} %" if checked else "–"
    middle = f"exercises; next {all.at}, {title[all.at]}" if all.at else "exercises: all of them"
    return [
        Tile("Students", str(len(forks)), summary(all.cohort).partition(": ")[2], unread > 0),
        Tile("In the middle", f"{all.median} of {all.total}", middle),
        Tile("Verified", share, f"{verified:,} of {checked:,} filled pass")
        if all.checked
        else Tile("Filled in all", f"{filled:,}", "not verified; --verify runs the checks"),
        Tile("Stuck", str(len(all.stuck)), "students at an exercise", bool(all.stuck))
        if all.dated
        else Tile("Stuck", "–", "--history tells"),
        Tile("To look at", str(len(all.look)), "forks with a flag or a note"),
        Tile("Quiet", str(len(all.quiet)), "no commit in the class's last 7 days"),
    ]


def source(name: str) -> str:
    """A file of this package."""
    return resources.files("kit.report").joinpath(name).read_text(encoding="utf-8")


def style() -> str:
    """The page's style; how high a bar is comes from a class, since the policy allows no style in an element."""
    levels = "\n".join(f".{bar}{n}{{--{bar}:{n * STEP}px}}" for bar in "abe" for n in range(1, STEPS + 1))
    return source("page.css").replace("LEVELS", levels)


def policy(css: str, script: str) -> str:
    """The content security policy: nothing is loaded, and only this style and this script are used."""
    hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in (css, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def environment() -> Environment:
    """Templates that escape everything and know no undefined name."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=PackageLoader("kit.report", "."),
        keep_trailing_newline=True,
        finalize=lambda value: label(value, LONGEST) if type(value) is str else value,
    )
    made.filters["code"] = code
    return made


def to_html(cohort: Cohort, page: RenderOptions) -> str:
    """The cohort as a page: the same cohort gives the same bytes."""
    all, css, script = insight(cohort), style(), source("page.js")
    people = [
        person(cohort.outlines, fork, counts, all.checked)
        for fork, counts in zip(cohort.forks, all.counts, strict=True)
    ]
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            all=all,
            people=people,
            tiles=tiles(all),
            heads=[Head(outline.id, outline.title, len(outline.exercises)) for outline in cohort.outlines],
            titles={outline.id: outline.title for outline in cohort.outlines},
            statuses=sorted(Counter(fork.status for fork in cohort.forks)),
            title=f"{all.median} of {all.total} filled in the middle",
            stamp=f"{cohort.generated_at:%Y-%m-%dT%H:%M:%SZ}",
            as_of=f"{cohort.generated_at:%Y-%m-%d %H:%M}",
            seconds=page.seconds,
            middle=Markup(middle(cohort, all.checked)),
            profile=Markup(profile(cohort.outlines, all.tallies, all.read)),
            burn_up=Markup(burn_up(all.days, all.total)) if all.days else "",
            policy=policy(css, script),
            style=Markup(css),
            script=Markup(script),
        )
    )
