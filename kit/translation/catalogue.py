"""Catalogues: gettext's `.po` files, one for each chapter and language, as polib reads and writes them.

    entries of a chapter + catalogue --merged--> catalogue: new, changed (fuzzy, with the English it was made for), gone

A translation follows its text to another place. If the text itself has changed, the translation is kept and marked
fuzzy, until somebody has looked at it; a text that's gone stays at the end, in case it comes back.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polib

from kit import files
from kit.errors import KitError
from kit.translation.entry import Entry
from kit.translation.language import FOLDER, Language

WIDTH = 100
MACHINE = re.compile(r"^machine: .* (?P<print>[0-9a-f]{10})$", re.MULTILINE)
ALIKE = 0.6  # how much of a changed text must be the old one's


@dataclass(frozen=True, slots=True)
class Changes:
    """What a merge did: how many entries are new, followed their text, became fuzzy, came back, are gone."""

    new: int = 0
    moved: int = 0
    fuzzy: int = 0
    gone: int = 0

    def __bool__(self) -> bool:
        """Whether it did anything."""
        return any((self.new, self.moved, self.fuzzy, self.gone))


def path_of(root: Path, language: str, name: str) -> Path:
    """The catalogue of a domain in a language. A chapter's is named like its files."""
    return root / FOLDER / language / f"{name}.po"


def parse(data: bytes | None, where: str) -> polib.POFile:
    """The catalogue in these bytes; an empty one for none.

    Raises:
        KitError: it isn't a catalogue.
    """
    try:
        found = polib.pofile(data.decode() if data else "", wrapwidth=WIDTH)
    except (ValueError, OSError) as error:
        what = f"this isn't a catalogue of gettext: {error}"
        raise KitError(what, where, "git diff shows what has changed in it") from error
    return found


def read(path: Path, root: Path) -> polib.POFile:
    """The catalogue in a file; an empty one if there's no file.

    Raises:
        KitError: it can't be read.
    """
    return parse(files.read(path, root), files.shown(path, root))


def to_bytes(catalogue: polib.POFile) -> bytes:
    """The file of a catalogue."""
    return f"{str(catalogue).rstrip()}\n".encode()


def key_of(entry: polib.POEntry) -> tuple[str, str]:
    """What a translation is found by: its place and its English text."""
    return entry.msgctxt or "", entry.msgid


def merged(old: polib.POFile, entries: Sequence[Entry], language: Language) -> tuple[polib.POFile, Changes]:
    """The catalogue of these entries, with the translations of an older one; and what has changed."""
    before = {key_of(entry): entry for entry in sorted(old, key=lambda each: not each.obsolete)}
    missing = [entry for entry in entries if entry.key not in before]
    wanted = {entry.key for entry in entries}
    free = [entry for entry in old if key_of(entry) not in wanted]
    found = {entry.key: before[entry.key] for entry in entries if entry.key in before}
    back = [found[entry.key].obsolete for entry in entries if entry.key in found]
    moved, fuzzy = adopt(missing, free, found)
    new = polib.POFile(wrapwidth=WIDTH)
    new.metadata = {
        "Language": language.code,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    for entry in entries:
        kept = found.get(entry.key) or polib.POEntry()
        kept.msgctxt, kept.msgid, kept.comment, kept.obsolete = entry.context, entry.text, entry.note, False
        if not kept.fuzzy:
            kept.previous_msgid = kept.previous_msgctxt = None
        new.append(kept)
    fresh = len(missing) - moved - fuzzy
    taken = {id(entry) for entry in found.values()}
    gone = [entry for entry in free if id(entry) not in taken and entry.msgstr]
    lost = sum(not entry.obsolete for entry in free if id(entry) not in taken)
    for entry in gone:
        entry.obsolete = True
        new.append(entry)
    return new, Changes(fresh, moved + sum(map(bool, back)), fuzzy, lost)


def adopt(
    missing: Iterable[Entry], free: Sequence[polib.POEntry], found: dict[tuple[str, str], polib.POEntry]
) -> tuple[int, int]:
    """Give entries that have no translation the one of the same text elsewhere, else that of a text much like it.

    `found` takes them. Returns how many moved, and how many are now fuzzy.
    """
    left = [entry for entry in free if entry.msgstr]
    counts = [0, 0]
    rest: list[Entry] = []
    for entry in missing:
        same = [each for each in left if each.msgid == entry.text]
        if same:
            found[entry.key] = min(same, key=lambda each: kind_of(each) != entry.kind)
            left.remove(found[entry.key])
            counts[0] += 1
        else:
            rest.append(entry)
    for entry in rest:
        near = nearest(entry, [each for each in left if kind_of(each) == entry.kind])
        if near is not None:
            left.remove(near)
            near.previous_msgid = near.previous_msgid if near.fuzzy and near.previous_msgid else near.msgid
            near.fuzzy = True
            found[entry.key] = near
            counts[1] += 1
    return counts[0], counts[1]


def kind_of(entry: polib.POEntry) -> str:
    """The kind in an entry's context: `ex-06-03-1 paragraph 2` is a paragraph."""
    return " ".join((entry.msgctxt or "").split()[1:-1])


def nearest(entry: Entry, others: Sequence[polib.POEntry]) -> polib.POEntry | None:
    """The old entry whose text is most like this one's, if it's much like it; the one in the same place wins a tie."""
    best, likeness = None, ALIKE
    matcher = difflib.SequenceMatcher(None, b=entry.text.split(), autojunk=False)
    for each in others:
        matcher.set_seq1(each.msgid.split())
        if matcher.real_quick_ratio() >= likeness and matcher.quick_ratio() >= likeness:
            ratio = matcher.ratio() + (0.01 if each.msgctxt == entry.context else 0)
            if ratio >= likeness:
                best, likeness = each, ratio
    return best


def mark_machines(entry: polib.POEntry, model: str) -> None:
    """Note that this translation is a machine's, so that people know, and that a machine may replace it."""
    entry.tcomment = f"machine: {model} {fingerprint(entry.msgstr)}"


def is_machines(entry: polib.POEntry) -> bool:
    """Whether a translation is a machine's to the letter: one that a person has touched is a person's."""
    found = MACHINE.search(entry.tcomment or "")
    return found is not None and found["print"] == fingerprint(entry.msgstr)


def fingerprint(text: str) -> str:
    """A few letters that tell a text from others."""
    return hashlib.sha256(text.encode()).hexdigest()[:10]
