"""Filling what's empty in a catalogue with an engine's translations, a batch at a time.

    catalogue --gaps--> entries --batches--> prompt --Engine.ask--> answers --flaws--> store

Each batch is stored as soon as it's there, so a run that is stopped or killed goes on where it was. Only what passes
the checks is stored, and only where nobody has written anything: the file is read again before it's written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polib

from kit import files
from kit.course.course import Course
from kit.translation.catalogue import is_machines, key_of, mark_machines, parse, path_of, read, to_bytes
from kit.translation.checks import flaws
from kit.translation.domain import domains
from kit.translation.engine import BadAnswerError, Engine, Message, object_in
from kit.translation.entry import Entry
from kit.translation.language import Glossary, Language

MOST = 20  # entries in a batch
LONGEST = 5000  # characters in a batch
TOKEN = 4  # characters of English, about
GROWTH = 2  # how many tokens another script takes for one of English, about
RULES = """You translate a course about neural networks from English into {name} ({code}).
Translate for the ear: as a good teacher who speaks {name} would say it, not word for word.
Carry examples and jokes over by their effect. {tone}
You get a JSON list of texts. Answer with one JSON object and nothing else: each text's number, as a string, and its
translation.
Keep exactly as they are: `inline code`, placeholders in {{braces}}, links, HTML tags, ids such as 06.03, class names,
every number in ASCII digits, line breaks, Markdown marks, and spaces at the start and the end of a printed text.
A table keeps its rows, columns and its line of dashes.
These stay English: {keep}.
These terms are said so: {terms}."""
AGAIN = "Your last translation of text {number} was refused: {flaws}. The text again, alone."

Batch = Sequence[Entry]
Store = Callable[[Mapping[tuple[str, str], str]], int]


@dataclass(frozen=True, slots=True)
class Size:
    """What a run will take: entries, requests, and tokens there and back, estimated from the number of characters."""

    entries: int
    requests: int
    sent: int
    received: int


@dataclass(frozen=True, slots=True)
class Step:
    """What a batch came to: how many entries were asked for, how many are stored, and which were refused and why."""

    asked: int
    stored: int
    refused: tuple[tuple[Entry, str], ...] = ()


def gaps(found: Iterable[Entry], catalogue: polib.POFile) -> list[Entry]:
    """The entries that an engine may fill: nothing is there, or an outdated text that only a machine has written."""
    known = {key_of(entry): entry for entry in catalogue if not entry.obsolete}
    return [entry for entry in found if entry.key in known and may_fill(known[entry.key])]


def may_fill(entry: polib.POEntry) -> bool:
    """Whether an engine may write here."""
    return not entry.msgstr or (entry.fuzzy and is_machines(entry))


def batches(found: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Entries in batches, in order, so that a text has its neighbours around it."""
    batch: list[Entry] = []
    size = 0
    for entry in found:
        if batch and (len(batch) >= MOST or size + len(entry.text) > LONGEST):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += len(entry.text)
    if batch:
        yield batch


def prompt(batch: Batch, language: Language, glossary: Glossary, complaint: str = "") -> list[Message]:
    """What the model is asked for a batch. Of the glossary it gets the terms that occur."""
    text = "\n".join(entry.text for entry in batch).lower()
    terms = "; ".join(f"{term}: {said}" for term, said in glossary.terms.items() if term.lower() in text)
    rules = RULES.format(
        name=language.name,
        code=language.code,
        tone=glossary.tone,
        keep=", ".join(glossary.keep) or "nothing else",
        terms=terms or "as practitioners say them",
    )
    rows = [{"number": n, "what": entry.note or entry.kind, "text": entry.text} for n, entry in enumerate(batch, 1)]
    asked = json.dumps(rows, ensure_ascii=False, indent=1)
    return [
        {"role": "system", "content": rules},
        {"role": "user", "content": f"{complaint}\n{asked}" if complaint else asked},
    ]


def size_of(found: Sequence[Entry], language: Language, glossary: Glossary) -> Size:
    """How large a run for these entries is."""
    parts = list(batches(found))
    sent = sum(len(message["content"]) for batch in parts for message in prompt(batch, language, glossary))
    received = sum(len(entry.text) + 10 for entry in found) * GROWTH
    return Size(len(found), len(parts), sent // TOKEN, received // TOKEN)


def to_fill(course: Course, language: Language) -> list[tuple[str, list[Entry]]]:
    """What an engine may fill, by the catalogue's name.

    Raises:
        KitError: a catalogue can't be read.
    """
    return [
        (domain.name, gaps(domain.entries, read(path_of(course.root, language.code, domain.name), course.root)))
        for domain in domains(course)
    ]


def fill(
    course: Course, language: Language, glossary: Glossary, engine: Engine, found: list[tuple[str, list[Entry]]]
) -> Iterator[Step]:
    """Fill what was found, a step for each batch.

    Raises:
        KitError: the server refuses or can't be reached, or a catalogue can't be written. What's stored stays.
    """
    for name, wanted in found:
        path = path_of(course.root, language.code, name)
        for batch in batches(wanted):
            good, bad = translate(batch, language, glossary, engine)
            stored = store(path, course.root, good, engine.model) if good else 0
            yield Step(len(batch), stored, tuple(bad))


def translate(
    batch: Batch, language: Language, glossary: Glossary, engine: Engine
) -> tuple[dict[tuple[str, str], str], list[tuple[Entry, str]]]:
    """The translations of a batch that pass the checks, and the entries without one, with the reason.

    An answer that can't be used is asked for again in two halves; a translation that's refused is asked for once more.
    """
    try:
        answers = object_in(engine.ask(prompt(batch, language, glossary)))
    except BadAnswerError as error:
        if len(batch) == 1:
            return {}, [(batch[0], str(error))]
        half = len(batch) // 2
        first, second = (translate(part, language, glossary, engine) for part in (batch[:half], batch[half:]))
        return first[0] | second[0], first[1] + second[1]
    good: dict[tuple[str, str], str] = {}
    bad: list[tuple[Entry, str]] = []
    for number, entry in enumerate(batch, 1):
        text = answers.get(str(number), "")
        wrong = complaint(entry, text, language)
        if wrong:
            text = once_more(entry, wrong, language, glossary, engine)
            wrong = complaint(entry, text, language)
        if wrong:
            bad.append((entry, wrong))
        else:
            good[entry.key] = text
    return good, bad


def complaint(entry: Entry, text: str, language: Language) -> str:
    """Why a translation isn't taken; empty if it is."""
    return "; ".join(flaws(entry, text, language.units)) if text.strip() else "there's no answer to it"


def once_more(entry: Entry, wrong: str, language: Language, glossary: Glossary, engine: Engine) -> str:
    """Another translation of an entry whose first was refused; empty if there's none."""
    try:
        asked = prompt([entry], language, glossary, AGAIN.format(number=1, flaws=wrong))
        return object_in(engine.ask(asked)).get("1", "")
    except BadAnswerError:
        return ""


def store(path: Path, root: Path, good: Mapping[tuple[str, str], str], model: str) -> int:
    """Write translations into a catalogue, where nobody has written since; return how many.

    Raises:
        KitError: the catalogue can't be read or written.
    """
    while True:
        before = files.read(path, root)
        catalogue = parse(before, files.shown(path, root))
        count = 0
        for entry in catalogue:
            if key_of(entry) in good and not entry.obsolete and may_fill(entry):
                entry.msgstr, entry.fuzzy = good[key_of(entry)], False
                entry.previous_msgid = entry.previous_msgctxt = None
                mark_machines(entry, model)
                count += 1
        try:
            files.write(path, to_bytes(catalogue), root, expected=before)
        except files.FileChanged:
            continue
        return count
