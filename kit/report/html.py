"""The cohort as one HTML file: no network, a strict content security policy, and useful without JavaScript.

Insight, Student, chart --page.html.j2, page.css, page.js--> text
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from kit.forks.cohort import Cohort
from kit.report.chart import burn_up, profile
from kit.report.counts import status_counts
from kit.report.grid import heights, median_cells
from kit.report.insight import Insight, insight_of
from kit.report.options import RenderOptions
from kit.report.student import MAX_TEXT, plain, student_of
from kit.text import label

if TYPE_CHECKING:
    from jinja2 import Environment

CODE = re.compile("`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Tile:
    """A number at the top of the page."""

    title: str
    number: str
    note: str
    alert: bool = False


def code(text: str) -> Markup:
    """A text from a fork, with what is between backticks as code."""
    return Markup(CODE.sub(r"<code>\1</code>", escape(plain(text))))


def tiles(insight: Insight) -> list[Tile]:
    """The numbers at the top."""
    cohort, tallies = insight.cohort, insight.tallies
    titles = {exercise: outline.title for outline in cohort.outlines for exercise in outline.exercises}
    verified, failed = sum(tally.verified for tally in tallies), sum(tally.failed for tally in tallies)
    checked = verified + failed
    after = insight.next_exercise
    found = [
        Tile("Students", str(len(cohort.forks)), status_counts(cohort), insight.read < len(cohort.forks)),
        Tile(
            "Median student",
            f"{insight.median} of {insight.total}",
            f"exercises filled; next is {after}, {titles[after]}" if after else "exercises filled",
        ),
    ]
    if insight.has_verdicts:
        share = f"{100 * verified // checked}%" if checked else "–"
        found.append(Tile("Verified", share, f"{verified:,} of {checked:,} filled exercises pass"))
    else:
        filled = sum(tally.filled for tally in tallies)
        found.append(Tile("Filled in total", f"{filled:,}", "not verified yet; --verify runs the checks"))
    if insight.has_history:
        count = len(insight.stuck)
        found.append(Tile("Stuck", str(count), f"student{'' if count == 1 else 's'} stuck on an exercise", count > 0))
    else:
        found.append(Tile("Stuck", "–", "--history finds out"))
    return [
        *found,
        Tile("Worth a look", str(len(insight.concerns)), "forks with a flag or a note"),
        Tile("Quiet", str(len(insight.quiet)), "no commit in the class's last 7 days"),
    ]


def read_asset(name: str) -> str:
    """A file of this package."""
    return resources.files("kit.report").joinpath(name).read_text(encoding="utf-8")


def policy(css: str, script: str) -> str:
    """The content security policy: nothing is loaded, and only this style and this script are used."""
    hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in (css, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def environment() -> Environment:
    """A template environment that escapes everything and rejects undefined names."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=PackageLoader("kit.report", "."),
        keep_trailing_newline=True,
        finalize=lambda value: label(value, MAX_TEXT) if type(value) is str else value,
    )
    made.filters["code"] = code
    return made


def to_html(cohort: Cohort, options: RenderOptions) -> str:
    """The cohort as a page. The same cohort gives the same bytes."""
    insight = insight_of(cohort)
    css, script = read_asset("page.css").replace("LEVELS", heights()), read_asset("page.js")
    students = [
        student_of(cohort.outlines, fork, counts, insight.has_verdicts)
        for fork, counts in zip(cohort.forks, insight.counts, strict=True)
    ]
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            insight=insight,
            students=students,
            tiles=tiles(insight),
            outlines=cohort.outlines,
            titles={outline.id: outline.title for outline in cohort.outlines},
            statuses=sorted({fork.status for fork in cohort.forks}),
            at=cohort.generated_at,
            seconds=options.seconds,
            median_cells=median_cells(cohort, insight.has_verdicts),
            profile=Markup(profile(cohort.outlines, insight.tallies, insight.read)),
            burn_up=Markup(burn_up(insight.days, insight.total)) if insight.days else "",
            policy=policy(css, script),
            style=Markup(css),
            script=Markup(script),
        )
    )
