"""The cohort as one HTML file: no network, a strict content security policy, and useful without JavaScript.

Insight, Student, chart --page.html.j2, page.css, page.js--> text
"""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from kit.forks.cohort import Cohort
from kit.report.chart import PATTERNS, both, burn_up, profile
from kit.report.grid import breakable, heights, median_cells
from kit.report.insight import insight_of
from kit.report.links import commit_link, file_link
from kit.report.options import RenderOptions
from kit.report.student import student_of
from kit.text import label

if TYPE_CHECKING:
    from jinja2 import Environment

CODE = re.compile("`([^`]+)`")
MAX_TEXT = 400  # characters of a text from a fork


def code(text: str) -> Markup:
    """A text from a fork, with whatever is between backticks as code."""
    return Markup(CODE.sub(r"<code>\1</code>", escape(label(text, MAX_TEXT))))


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
    """Templates: every text is made safe to show, cut and escaped; an undefined name is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=PackageLoader("kit.report", "."),
        keep_trailing_newline=True,
        finalize=lambda value: label(value, MAX_TEXT) if type(value) is str else value,
    )
    made.filters |= {"code": code, "breakable": breakable}
    made.globals |= {"commit_link": commit_link, "file_link": file_link}
    return made


def to_html(cohort: Cohort, options: RenderOptions) -> str:
    """The cohort as a page. The same cohort gives the same bytes."""
    insight = insight_of(cohort)
    css, script = read_asset("page.css").replace("LEVELS", heights()), read_asset("page.js")
    students = [
        student_of(cohort.shown, fork, counts, insight.has_verdicts)
        for fork, counts in zip(cohort.forks, insight.counts, strict=True)
    ]
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            insight=insight,
            students=students,
            outlines=cohort.shown,
            titles={name: title for o in cohort.outlines for name, title in [(o.id, o.title), *o.titles.items()]},
            chapter_of={exercise: o.id for o in cohort.outlines for exercise in o.exercises},
            at=(cohort.until or cohort.generated_at).astimezone(UTC),
            seconds=options.seconds,
            median_cells=median_cells(cohort, insight.has_verdicts),
            patterns=Markup(PATTERNS),
            profile=Markup(both(lambda frame: profile(frame, cohort.shown, insight.tallies, insight.read))),
            burn_up=Markup(both(lambda frame: burn_up(frame, insight.days, insight.total))) if insight.days else "",
            policy=policy(css, script),
            style=Markup(css),
            script=Markup(script),
        )
    )
