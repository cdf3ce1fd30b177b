"""What a translation has in common with the English: each check with entries that must fail, and some that mustn't."""

from __future__ import annotations

import pytest

from kit.translation.checks import CHECKS, flaws
from kit.translation.entry import Entry, Kind

UNITS = {"万": 10_000, "億": 100_000_000}


def entry(text: str, kind: Kind = "paragraph", template: bool = False) -> Entry:
    return Entry(f"ex-06-03 {kind} 1", kind, text, "", template)


def failing(english: Entry, text: str) -> list[str]:
    """The names of the checks that a translation doesn't pass."""
    return [flaw.split(":")[0] for flaw in flaws(english, text, UNITS)]


TABLE = "| id | place |\n| --- | ---: |\n| 3 | `x` |"
BAD = [
    ("code", entry("Use `torch.dot` here."), "Hier `torch.det`."),
    ("code", entry("Use `torch.dot` here."), "Hier torch.dot."),
    ("code", entry("Use a product."), "Nimm `dot`."),
    ("code", entry("It says `failed`."), "Es sagt `torch` und `x`."),
    ("ids", entry("Look at 06.03 again."), "Sieh 06.04 an."),
    ("ids", entry("As in 06.r1, say."), "Wie gesagt."),
    ("links", entry("See [the book](https://example.org/a)."), "Siehe [das Buch](https://example.org/b)."),
    ("links", entry("See <https://example.org/a>."), "Siehe dort."),
    ("links", entry("A <b>bold</b> word."), "Ein <i>fettes</i> Wort."),
    ("boxes", entry("Tick it off.", "checklist label"), "[ ] Haken."),
    ("placeholders", entry("{rows} rows", "printed text", True), "{row} Zeilen"),
    ("placeholders", entry("{rows} rows", "printed text", True), "Zeilen"),
    ("placeholders", entry("{rows:,} rows", "printed text", True), "{rows:,} {rows:,} Zeilen"),
    ("placeholders", entry("{rows} rows", "printed text", True), "{rows Zeilen"),
    ("placeholders", entry("rows {a}", "printed text", True), "{__import__('os').system('true')} {a}"),
    ("numbers", entry("Of 20,160 orders."), "Von 20.160 Ordnungen."),
    ("numbers", entry("It takes 64 numbers."), "Es braucht Zahlen."),
    ("numbers", entry("It takes many numbers."), "Es braucht 64 Zahlen."),
    ("numbers", entry("124 million of them."), "12.4 億."),
    ("numbers", entry("Places 3, 14 and 1,000."), "Die Plätze 3, 14 und 1,001."),
    ("digits", entry("It takes 64 numbers."), "৬৪ 64."),
    ("digits", entry("It takes 64 numbers."), "６４ 64."),
    ("characters", entry("A word."), "Ein\u200b Wort."),
    ("characters", entry("A word."), "Ein \u202eWort."),
    ("characters", entry("A word."), "\ufeffEin Wort."),
    ("characters", entry("A word."), "Ein \u200dWort."),
    ("characters", entry("A word."), "Ein\x1b[31m Wort."),
    ("characters", entry("A word."), "Ein\u2003Wort."),
    ("shape", entry("One paragraph."), "Ein\n\nAbsatz."),
    ("shape", entry("known:  ", "printed text"), "bekannt:"),
    ("shape", entry("--- memory\n", "printed text"), "--- Gedächtnis"),
    ("shape", entry("Four things."), "- Vier Dinge."),
    ("shape", entry("Four things."), "# Vier Dinge."),
    ("shape", entry("Four things."), "4. Dinge."),
    ("shape", entry(TABLE, "table"), TABLE.replace("| 3 |", "| 3")),
    ("shape", entry(TABLE, "table"), TABLE + "\n| 4 | `x` |"),
    ("shape", entry(TABLE, "table"), TABLE.replace("---:", "---")),
    ("emphasis", entry("This is the **embedding**."), "これは**「埋め込み」**です。"),
    ("emphasis", entry("This is *it*."), "这是*「它」*的。"),
]
GOOD = [
    (entry("It says `failed`, in 06.03."), "06.03では`不合格`と出ます。"),
    (entry("Use `torch.dot` here, and `a` there."), "`a` は `torch.dot` と、また `a` で使います。"),
    (entry("Two rows, the first of them empty."), "2行のうち、1行目は空です。"),
    (entry("It has 124 million numbers, 0.2 million of them ours."), "1.24億個の数のうち、20万個が私たちのものです。"),
    (entry("It has 124 million numbers."), "১২৪ নয়: 124 মিলিয়ন।".replace("১২৪ নয়: ", "")),
    (entry("Of 20,160 orders, 28% are lost."), "20160通りのうち28%が失われます。"),
    (entry("A row is read."), "র\u200d্যাংক পড়া হয়।"),
    (entry("A word."), "「ことば」\u3000です。"),
    (entry("This is the **embedding**."), "これは **「埋め込み」** です。"),
    (entry("{rows} rows of {width}", "printed text", True), "{width} के {rows}"),
    (entry(TABLE, "table"), "| 番号 | 場所 |\n|---|---:|\n| 3 | `x` |"),
    (entry("It's at place 42 in `L[0]` (06.03)."), "(06.03) `L[0]` の42番です。"),
]


@pytest.mark.parametrize(("name", "english", "text"), BAD)
def test_a_bad_entry_fails(name: str, english: Entry, text: str) -> None:
    assert name in failing(english, text)


@pytest.mark.parametrize(("english", "text"), GOOD)
def test_a_good_entry_passes(english: Entry, text: str) -> None:
    assert failing(english, text) == []


def test_each_check_has_an_entry_that_fails() -> None:
    assert {name for name, _, _ in BAD} == set(CHECKS)
