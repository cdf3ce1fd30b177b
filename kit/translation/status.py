"""How far a language is: a row for each catalogue, and each entry that breaks a rule, with its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kit import files
from kit.course.course import Course
from kit.translation.catalogue import is_machines, key_of, path_of, read
from kit.translation.domain import domains
from kit.translation.edition import cover
from kit.translation.language import Language

if TYPE_CHECKING:
    from rich.table import Table

COLUMNS = ("entries", "done", "machine", "fuzzy", "missing", "failing")


@dataclass(frozen=True, slots=True)
class DomainStatus:
    """A domain's counts, in the order of `COLUMNS`, and its failing entries as `file:line: what`.

    `machine` are those of the translated ones that an engine wrote and nobody has changed.
    """

    name: str
    counts: tuple[int, ...]
    failing: tuple[str, ...]


def status(course: Course, language: Language) -> Iterator[DomainStatus]:
    """The status of each domain.

    Raises:
        KitError: a catalogue can't be read.
    """
    for domain in domains(course):
        path = path_of(course.root, language.code, domain.name)
        catalogue = read(path, course.root)
        found = cover(domain.entries, catalogue, language)
        known = {key_of(entry): entry for entry in catalogue if not entry.obsolete}
        where = files.shown(path, course.root)
        failing = tuple(
            f"{where}:{known[entry.key].linenum}: {entry.context}: {'; '.join(wrong)}" for entry, wrong in found.failing
        )
        machines = sum(is_machines(known[key]) for key in found.shown)
        parts = (found.entries, found.shown, found.fuzzy, found.missing, found.failing)
        entered, shown, fuzzy, missing, wrong = map(len, parts)
        yield DomainStatus(domain.title, (entered, shown, machines, fuzzy, missing, wrong), failing)


def table(rows: list[DomainStatus], language: Language) -> Table:
    """The status as a table, with a sum at the end."""
    from rich import box
    from rich.table import Table

    made = Table(title=f"{language.name} ({language.code})", box=box.SIMPLE, show_footer=True)
    made.add_column("catalogue", "all")
    for place, name in enumerate(COLUMNS):
        made.add_column(name, f"{sum(row.counts[place] for row in rows):,}", justify="right")
    for row in rows:
        made.add_row(row.name, *(f"{count:,}" for count in row.counts))
    return made
