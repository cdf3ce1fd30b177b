"""What a translation must have in common with its English text. The same for people's and machines'.

Inline code, ids, links, boxes, numbers, placeholders and the shape of tables are the English ones, in any order. A code
or a number may be said more or less often, as long as none is missing and none is new. Digits are ASCII, so that a
learner can compare them with what a cell prints.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from kit.course.checklist import ITEM_ID
from kit.translation.entry import IN_BRACES, Entry
from kit.translation.fold import STARTS_A_BLOCK
from kit.translation.literals import same_holes

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

Units = Mapping[str, int]
"""What a word after a number multiplies it by: `{"万": 10000}`."""

CODE = re.compile(r"(?<!`)(`+)(?!`)(?P<code>.+?)(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"\]\((?P<target>[^)\s]*)[^)]*\)|<(?P<address>https?://[^>\s]+)>|(?P<bare>https?://[^\s)>\]]+)")
TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->", re.DOTALL)
ID = re.compile(rf"(?<![\w.]){ITEM_ID}(?!\w)(?!\.\d)", re.ASCII)
BOX = re.compile(r"\[[ xX]\]")
NUMBER = re.compile(r"(?:(?<![\w.])|(?<=[^\W\d_]))(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|(?<=\.)\d+")
ENGLISH_UNITS = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
SAID = {  # numbers that English says in words, and another language may write in digits
    word: number
    for number, words in {
        0: "zero zeros no none nothing never",
        1: "one ones first once a an single each every another alone",
        2: "two second twice both pair pairs half halves double doubled square squares squared either other neither",
        3: "three third thirds",
        4: "four fourth quarter quarters",
        5: "five fifth",
        6: "six sixth",
        7: "seven seventh",
        8: "eight eighth",
        9: "nine ninth",
        10: "ten tenth",
        11: "eleven eleventh",
        12: "twelve twelfth dozen",
        13: "thirteen",
        14: "fourteen",
        15: "fifteen",
        16: "sixteen",
        20: "twenty",
        30: "thirty",
        50: "fifty half",
        100: "hundred hundreds",
        1000: "thousand thousands thousandth",
        1_000_000: "million millions",
    }.items()
    for word in words.split()
}
ENGLISH_WORD = re.compile(r"[A-Za-z]+")
VERDICTS = {"passed", "failed", "blank", "error"}
JOINERS = {"\u200c", "\u200d"}  # Bengali, Hindi and Persian are written with them
SPACES = {" ", "\u00a0", "\u202f", "\u3000"}
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
BROKEN_BOLD = re.compile(r"\*\*|(?<!\*)\*(?!\*)")


def flaws(entry: Entry, text: str, units: Units | None = None) -> tuple[str, ...]:
    """What's wrong with a translation, in words; nothing if it may be shown."""
    return tuple(f"{name}: {flaw}" for name, check in CHECKS.items() if (flaw := check(entry, text, units or {})))


def plain(entry: Entry, text: str) -> str:
    """A text without its inline code, placeholders, links and tags."""
    text = IN_BRACES.sub(" ", text) if entry.template else text
    for pattern in (CODE, LINK, TAG):
        text = pattern.sub(" ", text)
    return text


def difference(english: set[str], other: set[str]) -> str:
    """What's missing in the second set, and what's new in it."""
    return listed(sorted(english - other), sorted(other - english))


def listed(missing: Sequence[str], new: Sequence[str]) -> str:
    """What's missing and what's new, in words; empty if nothing is."""
    return " and ".join(f"{what} {', '.join(found)}" for what, found in (("no", missing), ("unknown", new)) if found)


def codes(entry: Entry, text: str) -> set[str]:
    """The inline code of a text."""
    text = IN_BRACES.sub(" ", text) if entry.template else text
    return {" ".join(found["code"].split()) for found in CODE.finditer(text)}


def code(entry: Entry, text: str, units: Units) -> str:
    """The same inline code. A verdict's word is a message, so it may be the language's own."""
    english, other = codes(entry, entry.text), codes(entry, text)
    missing, new = sorted(english - other), sorted(other - english)
    said = [each for each in missing if each in VERDICTS]
    if len(new) <= len(said) and not set(missing) - VERDICTS:
        return ""
    return listed(missing, new)


def identifiers(entry: Entry, text: str, units: Units) -> str:
    """The same ids of exercises and items."""
    return difference(set(ID.findall(plain(entry, entry.text))), set(ID.findall(plain(entry, text))))


def links(entry: Entry, text: str, units: Units) -> str:
    """The same links and HTML tags."""

    def found(source: str) -> set[str]:
        source = CODE.sub(" ", source)
        targets = {next(filter(None, match.groups()), "") for match in LINK.finditer(source)}
        return targets | set(TAG.findall(source))

    return difference(found(entry.text), found(text))


def boxes(entry: Entry, text: str, units: Units) -> str:
    """The same boxes to tick: they're put there by the build."""
    counts = [len(BOX.findall(CODE.sub(" ", each))) for each in (entry.text, text)]
    return f"{counts[1]} instead of {counts[0]}" if counts[0] != counts[1] else ""


def placeholders(entry: Entry, text: str, units: Units) -> str:
    """The same placeholders, each as often."""
    return "" if not entry.template or same_holes(entry.text, text) else "they differ, or a brace isn't closed"


def numbers(entry: Entry, text: str, units: Units) -> str:
    """The same numbers. One that English says in words may be in digits, and `124 million` may be `1.24 億`."""
    english, other = plain(entry, entry.text), plain(entry, text)
    wanted, given = values(english, ENGLISH_UNITS), values(other, {**ENGLISH_UNITS, **units})
    said = {Decimal(SAID[word]) for word in ENGLISH_WORD.findall(english.lower()) if word in SAID}
    missing = [name for name, number in wanted.items() if not any(number & each for each in given.values())]
    new = [name for name, number in given.items() if not any(number & each for each in (said, *wanted.values()))]
    return listed(missing, new)


def values(text: str, units: Units) -> dict[str, set[Decimal]]:
    """The numbers of a text as written, and the values that each may mean: as it is, or times the unit after it."""
    found: dict[str, set[Decimal]] = {}
    for number in NUMBER.finditer(text):
        value = Decimal(number[0].replace(",", ""))
        rest = text[number.end() :].lstrip(" ")
        factor = next((units[word] for word in sorted(units, key=len, reverse=True) if rest.startswith(word)), 1)
        found.setdefault(number[0], set()).update({value, value * factor})
    return found


def digits(entry: Entry, text: str, units: Units) -> str:
    """ASCII digits."""
    others = sorted({each for each in text if unicodedata.category(each) == "Nd" and not each.isascii()})
    return f"{' '.join(others)}; write 0 to 9" if others else ""


def characters(entry: Entry, text: str, units: Units) -> str:
    """Nothing invisible, apart from spaces and what joins letters."""
    found: list[str] = []
    for place, each in enumerate(text):
        category = unicodedata.category(each)
        joins = each in JOINERS and place > 0 and unicodedata.category(text[place - 1])[0] in "LM"
        unseen = (category in UNSEEN and each != "\n" and not joins) or (category == "Zs" and each not in SPACES)
        if unseen and each not in entry.text:
            found.append(f"U+{ord(each):04X}")
    return ", ".join(dict.fromkeys(found))


def shape(entry: Entry, text: str, units: Units) -> str:
    """The same lines: a table's rows and columns, a string's line breaks, the spaces around it; no new block."""
    if entry.kind == "table":
        rows, others = table(entry.text), table(text)
        return "" if rows == others else "the table has other rows or columns"
    if text.count("\n") != entry.text.count("\n"):
        return f"{text.count(chr(10))} line breaks instead of {entry.text.count(chr(10))}"
    around = [(each[:1].isspace(), each[-1:].isspace()) for each in (entry.text, text)]
    if around[0] != around[1]:
        return "spaces at the start or the end are missing, or new"
    starts = [STARTS_A_BLOCK.match(each) and each.split(maxsplit=1)[0] for each in (entry.text, text)]
    marked = entry.kind in ("heading", "paragraph", "list item", "checklist label")
    block = marked and starts[0] != starts[1] and re.match(r"(?:[-+*>#=]+|\d+[.)])(?:\s|$)|[|<]|~~~|```", text)
    return f"it begins with {starts[1]}, which starts another block" if block else ""


def table(text: str) -> list[tuple[int, str]]:
    """How many columns each row of a table has, and the line of dashes as it is."""
    rows = [re.sub(r"`[^`]*`|\\\|", "", line).strip() for line in text.split("\n")]
    return [(row.strip("|").count("|"), row.replace(" ", "") if not re.search(r"[^-:| ]", row) else "") for row in rows]


def emphasis(entry: Entry, text: str, units: Units) -> str:
    """Stars that make bold or italic. Beside Chinese or Japanese punctuation, some don't."""
    if "*" not in text or entry.kind not in ("heading", "paragraph", "list item", "checklist label", "table"):
        return ""
    left = [len(BROKEN_BOLD.findall(words(each))) for each in (entry.text, text)]
    return "stars stay stars here; put a space outside of them, or the punctuation" if left[1] > left[0] else ""


def words(text: str) -> str:
    """A text's words as they're shown, without code."""
    return "".join(token.content for token in inline().parseInline(text)[0].children or () if token.type == "text")


@cache
def inline() -> MarkdownIt:
    """A parser of CommonMark."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark")


CHECKS: dict[str, Callable[[Entry, str, Units], str]] = {
    "code": code,
    "ids": identifiers,
    "links": links,
    "boxes": boxes,
    "placeholders": placeholders,
    "numbers": numbers,
    "digits": digits,
    "characters": characters,
    "shape": shape,
    "emphasis": emphasis,
}
