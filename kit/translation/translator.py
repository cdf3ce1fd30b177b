"""Messages said in another language: recognised by the templates that they were made from, and filled again.

    "`x` should be 3, not 4"    --> `{name} should be {wanted}, not {found}` and its parts
                                --> 「`x`は4ではなく3のはずです」

The kit writes English, and what it says stays English until somebody reads it. A message may be put together from
several, so of all ways to read it the one counts that explains most of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from kit.translation.language import Language, read_language
from kit.translation.messages import CATALOGUE, LETTER, core

MOST_NESTED = 12  # messages inside of messages
MOST_CUTS = 16  # places to cut a text; a longer one is somebody's value
NUMBER = r"[-+ ]?[\d,.]+(?:e[-+]?\d+)?|nan|-?inf"
COUNTS = "count|number|total|done|ticked|filled|exercises|problems|whole|minutes|seconds|left"
NUMBER_FORMAT = re.compile(rf":[^:{{}}]*[,dfge]$|:[<>]?\d+$|^(?:{COUNTS}|len\(.*|.*// 60)$")
WORD = re.compile(r"(?:^|[._])(?:id|steps?|exercise_id|item_id|at|was|now|commit)$|[._](?:line|filled|exercises)$")
PART = re.compile(r"\{\{|\}\}|\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
SEPARATORS = re.compile(r"(?=(\n|[.:;] | \(| · |, ))")  # they may overlap
WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]")
BETWEEN_WIDE = re.compile(rf"(?<={WIDE.pattern}) (?={WIDE.pattern})")
WIDE_BETWEEN = {". ": "。", ": ": "：", "; ": "；", " (": "（", ")": "）"}


@dataclass(frozen=True, slots=True)
class Form:
    """A template to recognise: its parts between the placeholders, and the placeholders' source in order."""

    pattern: re.Pattern[str]
    longest: str
    holes: tuple[str, ...]
    weight: int


def form_of(template: str) -> Form:
    """The form of a template. A placeholder for a number or an id takes nothing else."""
    pieces: list[str] = []
    fixed: list[str] = [""]
    holes: list[str] = []
    at = 0
    for part in PART.finditer(template):
        fixed[-1] += template[at : part.start()]
        at = part.end()
        if part[1] is None:
            fixed[-1] += part[0][0]
            continue
        pieces.append(re.escape(fixed[-1]))
        pieces.append(f"({NUMBER})" if NUMBER_FORMAT.search(part[1]) else r"(\S+)" if WORD.search(part[1]) else "(.*?)")
        fixed.append("")
        holes.append(part[1])
    fixed[-1] += template[at:]
    pieces.append(re.escape(fixed[-1]))
    return Form(re.compile("".join(pieces), re.DOTALL), max(fixed, key=len), tuple(holes), sum(map(len, fixed)))


class Translator:
    """Says the kit's English messages in another language, as far as its catalogue goes."""

    def __init__(self, known: Mapping[str, str], spaced: bool = True) -> None:
        """`known` are translations by English text, with placeholders as in `entries`.

        `spaced` says whether the language puts spaces between words.
        """
        self.exact = dict(known)
        forms = [(form_of(text), said) for text, said in known.items() if PART.search(text)]
        self.forms = sorted(forms, key=lambda each: -each[0].weight)  # of two that explain as much, the longer one
        self.spaced = spaced

    def knowing(self, more: Mapping[str, str]) -> Translator:
        """A translator that knows some other texts too, which go before its own."""
        made = Translator({}, self.spaced)
        made.exact, made.forms = {**self.exact, **more}, self.forms
        return made

    def __call__(self, text: str) -> str:
        """A message in the language; parts that it doesn't know stay as they are."""
        said = self.read(text, MOST_NESTED, {}).said
        return said if self.spaced else BETWEEN_WIDE.sub("", said)

    def read(self, text: str, depth: int, seen: dict[str, Reading]) -> Reading:
        """The reading of a text, or of a part of one, that explains the most of it: as a whole, or cut in two.

        `seen` are the parts that have been read.
        """
        if not depth or not LETTER.search(text):
            return Reading(0, text)
        if text not in seen:
            seen[text] = Reading(0, text)  # in case that it's a part of itself
            whole = self.whole(text, depth, seen)
            cuts = (self.cut(cut, depth, seen) for cut in cuts_of(text))
            seen[text] = max([whole, *cuts], key=Reading.rank)
        return seen[text]

    def cut(self, cut: Cut, depth: int, seen: dict[str, Reading]) -> Reading:
        """The reading of a message as two."""
        first, second = (self.read(part, depth - 1, seen) for part in cut.parts)
        wide = not self.spaced and WIDE.match(first.said[-1:])
        between, end = (WIDE_BETWEEN.get(each, each) if wide else each for each in (cut.between, cut.end))
        if between == "。" and first.said.endswith("。"):
            between = ""
        joined = bool(first.known and second.known)
        said = f"{first.said}{between}{second.said}{end}"
        return Reading(first.known + second.known, said, joined, ends_in(cut.parts))

    def whole(self, text: str, depth: int, seen: dict[str, Reading]) -> Reading:
        """The reading of a text as one message."""
        inner = core(text)
        if not inner:
            return Reading(0, text)
        before, _, after = text.partition(inner)
        if inner in self.exact:
            return Reading(len(inner), f"{before}{self.exact[inner]}{after}")
        best = Reading(0, text)
        for form, said in self.forms:
            match = form.pattern.fullmatch(inner) if form.longest in inner else None
            if match:
                parts = [self.read(part, depth - 1, seen) for part in match.groups()]
                known = form.weight + sum(part.known for part in parts)
                told = filled(said, form.holes, [part.said for part in parts])
                reading = Reading(known, f"{before}{told}{after}", ends=ends_in(match.groups()))
                best = max(best, reading, key=Reading.rank)
        return best


@dataclass(frozen=True, slots=True)
class Reading:
    """A message in the language, how many characters of the English were recognised, whether it's two messages, and how
    many sentences end inside of its parts.

    Of readings that recognise as much, two messages are better than one, and whole sentences are better parts.
    """

    known: int
    said: str
    joined: bool = False
    ends: int = 0

    def rank(self) -> tuple[int, bool, int]:
        """The better the reading, the higher."""
        return self.known, self.joined, -self.ends


@dataclass(frozen=True, slots=True)
class Cut:
    """A text in two parts, what's between them, and what comes after them."""

    parts: tuple[str, str]
    between: str
    end: str = ""


def cuts_of(text: str) -> Iterator[Cut]:
    """Where a text may have been put together."""
    for place in islice(SEPARATORS.finditer(text), MOST_CUTS):
        left, right = text[: place.start()], text[place.end(1) :]
        end = ")" if place[1] == " (" and right.endswith(")") else ""
        yield Cut((left, right.removesuffix(end)), place[1], end)


def ends_in(parts: Iterable[str]) -> int:
    """How many sentences end inside of these parts."""
    return sum(part.count(". ") for part in parts)


def filled(template: str, holes: Sequence[str], values: Sequence[str]) -> str:
    """A template with these values in place of its placeholders."""
    left = dict(zip(holes, values, strict=True))
    return PART.sub(lambda part: part[0][0] if part[1] is None else left.get(part[1], part[0]), template)


def known(root: Path, language: Language) -> dict[str, str]:
    """What a language's catalogue of messages has. A translation is filled with parts of the message; it runs nothing.

    Raises:
        KitError: it can't be read.
    """
    from kit.translation import catalogue  # English needs none

    found = catalogue.read(catalogue.path_of(root, language.code, CATALOGUE), root)
    return {each.msgid: each.msgstr for each in found if each.msgstr and not each.obsolete and not each.fuzzy}


@lru_cache(maxsize=16)
def translator(root: Path, code: str) -> Translator | None:
    """What says the kit's messages in the language with this code; None for English.

    Raises:
        KitError: there's no such language, or its catalogue can't be read.
    """
    if code == "en":
        return None
    language = read_language(root, code)
    return Translator(known(root, language), language.wrap)
