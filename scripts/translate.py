"""Make or update the catalogues of a language: `python scripts/translate.py LANG [--status] [--engine]`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    __import__("environment")

from kit.terminal import guarded


def run(code: str, show: bool) -> int:
    """Bring the catalogues up to date and say what has changed, or show how far they are."""
    from rich.console import Console

    from kit.course.course import Course, find_root
    from kit.translation.language import read_language
    from kit.translation.status import status, table
    from kit.translation.update import start_language, update

    course = Course(find_root(Path.cwd()))
    if show:
        language = read_language(course.root, code)
        rows = list(status(course, language))
        Console().print(table(rows, language))
        print("".join(f"{line}\n" for row in rows for line in row.failing), end="")
        return 0
    for domain, changes in update(course, start_language(course, code)):
        if changes:
            counts = f"{changes.new} new, {changes.moved} moved, {changes.fuzzy} fuzzy, {changes.gone} gone"
            print(f"translations/{code}/{domain.name}.po: {counts}")
    return 0


def run_engine(code: str, address: str, model: str, estimate: bool) -> int:
    """Say how large the run is, then fill what's empty. 1 if something is still empty at the end."""
    from rich.progress import Progress

    from kit.course.course import Course, find_root
    from kit.errors import KitError
    from kit.translation import engine, fill
    from kit.translation.entry import Entry
    from kit.translation.language import read_glossary, read_language

    course = Course(find_root(Path.cwd()))
    run(code, show=False)
    language, glossary = read_language(course.root, code), read_glossary(course.root, code)
    found = fill.to_fill(course, language)
    size = fill.size_of([entry for _, entries in found for entry in entries], language, glossary)
    print(f"{size.entries:,} entries in {size.requests:,} requests", end="")
    print(f": about {size.sent:,} tokens to send and {size.received:,} to receive", flush=True)
    if estimate or not size.entries:
        return 0
    if not model:
        raise KitError("no model is named", "", engine.SETTINGS)
    asked = engine.Engine(address, model, os.environ.get("OPENAI_API_KEY", ""))
    refused: list[tuple[Entry, str]] = []
    stored = 0
    with Progress() as progress:
        bar = progress.add_task(language.name, total=size.entries)
        for step in fill.fill(course, language, glossary, asked, found):
            refused += step.refused
            stored += step.stored
            progress.update(bar, advance=step.asked)
    print("".join(f"{entry.context}: {why}\n" for entry, why in refused), end="")
    print(f"{stored:,} filled, {len(refused):,} refused and left empty. Next: python scripts/build.py")
    return 1 if refused else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(prog="translate.py", description="Make or update the catalogues of a language.")
    parser.add_argument("language", metavar="LANG", help="a language's code, such as ja or pt-BR")
    parser.add_argument("--status", action="store_true", help="write nothing; show what's translated and what isn't")
    parser.add_argument("--engine", action="store_true", help="fill what's empty through an OpenAI-compatible server")
    parser.add_argument("--estimate", action="store_true", help="with --engine: only say how large the run would be")
    address = os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1"
    parser.add_argument("--address", default=address, help="the server (default: OPENAI_BASE_URL, or OpenAI's)")
    model = os.environ.get("OPENAI_MODEL", "")
    parser.add_argument("--model", default=model, help="the model (default: OPENAI_MODEL); its key: OPENAI_API_KEY")
    given = parser.parse_args(argv)
    if given.engine:
        return guarded(lambda: run_engine(given.language, given.address, given.model, given.estimate))
    return guarded(lambda: run(given.language, given.status))


if __name__ == "__main__":
    sys.exit(main())
