"""A chapter as its author wrote it, parsed once into records that every command shares.

    Chapter
      Text              prose and items
      Code              plain or exported code
        Exercise        id, blanks, hint, mistakes, alternatives, probes

`parse_chapter` reads a source in percent format with its markup (docs/authors.md) and stops with
`file:line: what, and the rule` at the first thing it does not understand.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

from kit.course.blanks import SENTINEL, Blank, empty, fill, has_sentinel, parse_blanks
from kit.course.cells import ANCHOR, MARKER, Cell, from_percent
from kit.course.checklist import Item, items
from kit.course.syllabus import Entry
from kit.errors import KitError

EXPORT = "#| export"
DIRECTIVE = re.compile(r"#!(?P<space>\s*)(?P<rest>.*)$")
KEYWORD = re.compile(r"(?P<kind>[a-z]+)(?:\s+(?P<blank>\d+))?:\s*(?P<text>.*)$")
EXERCISE_KINDS = {"hint", "mistake", "alternative", "probe"}
NUMBERED_KINDS = {"mistake", "alternative"}
EXPORTABLE = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Directive:
    """One `#!` line: its kind, the 1-based number of the blank it speaks of, its text, its line in the file."""

    kind: str
    text: str
    line: int
    blank: int = 1


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong answer for one blank (counted from 0) and what to say to whoever gives it."""

    blank: int
    expression: str
    message: str
    line: int


@dataclass(frozen=True, slots=True)
class Alternative:
    """A right answer for one blank (counted from 0), written in another way."""

    blank: int
    expression: str
    line: int


@dataclass(frozen=True, slots=True)
class Exercise:
    """What makes a code cell an exercise. `code` is the finished cell, `check(...)` included."""

    id: str
    code: str
    line: int
    blanks: tuple[Blank, ...]
    hint: str
    mistakes: tuple[Mistake, ...]
    alternatives: tuple[Alternative, ...] = ()
    probes: tuple[str, ...] = ()

    @property
    def todo(self) -> str:
        """The cell as the learner first sees it."""
        return empty(self.code, self.blanks)

    def answer(self, blank: int) -> str:
        """The expression that a blank hides."""
        return self.code[self.blanks[blank].start : self.blanks[blank].end]

    def with_answer(self, blank: int, expression: str) -> str:
        """The finished cell with another expression in one blank."""
        return fill(self.code, [self.blanks[blank]], [expression])


@dataclass(frozen=True, slots=True)
class Text:
    """A text cell. `line` is the line of the file at which it starts."""

    source: str
    line: int

    @property
    def items(self) -> tuple[Item, ...]:
        """The checklist lines in it."""
        return tuple(items(self.source))


@dataclass(frozen=True, slots=True)
class Code:
    """A code cell: `code` is the finished code without any markup."""

    code: str
    line: int
    exported: bool = False
    redraws: tuple[str, ...] = ()
    exercise: Exercise | None = None

    @property
    def todo(self) -> str:
        """The code as the learner first sees it."""
        return self.exercise.todo if self.exercise else self.code


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter's cells, with its place in the syllabus and the path of its source."""

    entry: Entry
    path: str
    cells: tuple[Text | Code, ...]
    exercises: tuple[Exercise, ...] = field(init=False)
    items: tuple[Item, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Collect the exercises and the items once."""
        found = tuple(cell.exercise for cell in self.cells if isinstance(cell, Code) and cell.exercise)
        object.__setattr__(self, "exercises", found)
        lines = tuple(item for cell in self.cells if isinstance(cell, Text) for item in cell.items)
        object.__setattr__(self, "items", lines)

    @property
    def id(self) -> str:
        """Two digits: `06`."""
        return self.entry.id

    def exercise(self, id: str) -> Exercise:
        """The exercise with this id; `KeyError` when there is none."""
        for exercise in self.exercises:
            if exercise.id == id:
                return exercise
        raise KeyError(id)

    def index(self, id: str) -> int:
        """The place, from 0, of the exercise's cell among the cells."""
        for place, cell in enumerate(self.cells):
            if isinstance(cell, Code) and cell.exercise and cell.exercise.id == id:
                return place
        raise KeyError(id)


def split_directives(cell: Cell, path: str) -> tuple[str, list[Directive]]:
    """A code cell's code, and the `#!` lines behind it.

    Raises:
        KitError: a `#!` line stands before code, or is not understood.
    """
    lines = cell.source.split("\n")
    first = next((n for n, line in enumerate(lines) if line.startswith("#!")), len(lines))
    found: list[Directive] = []
    for number, line in enumerate(lines[first:], first):
        if not line.strip():
            continue
        where = f"{path}:{cell.line + number}"
        mark = DIRECTIVE.match(line)
        if mark is None:
            raise KitError("`#!` lines stand at the end of a cell; code after them is lost", where)
        if len(mark["space"]) >= 3 and found:
            last = found[-1]
            found[-1] = Directive(last.kind, f"{last.text} {mark['rest'].strip()}", last.line, last.blank)
            continue
        word = KEYWORD.match(mark["rest"])
        if word is None or word["kind"] not in EXERCISE_KINDS | {"redraw"}:
            raise KitError("unknown `#!` line; it is one of hint, mistake, alternative, probe, redraw", where)
        if word["blank"] and word["kind"] not in NUMBERED_KINDS:
            raise KitError(f"`#! {word['kind']}` takes no number", where)
        if not word["text"].strip():
            raise KitError(f"`#! {word['kind']}:` is empty", where)
        found.append(Directive(word["kind"], word["text"].strip(), cell.line + number, int(word["blank"] or 1)))
    return "\n".join(lines[:first]).rstrip(), found


def parse_mistake(directive: Directive, where: str) -> Mistake:
    """`expression -> message`, cut at the first arrow that leaves an expression before it."""
    pieces = directive.text.split(" -> ")
    for cut in range(1, len(pieces)):
        expression = " -> ".join(pieces[:cut]).strip()
        try:
            ast.parse(f"({expression})", mode="eval")
        except SyntaxError:
            continue
        message = " -> ".join(pieces[cut:]).strip()
        if message:
            return Mistake(directive.blank - 1, expression, message, directive.line)
    raise KitError("a mistake reads `#! mistake: expression -> message`", where)


def must_parse(text: str, mode: str, kind: str, where: str) -> None:
    """Stop when a directive's text is no expression (`eval`) or statement (`exec`)."""
    try:
        ast.parse(text, mode=mode)
    except SyntaxError as error:
        raise KitError(f"`#! {kind}:` is not Python: {error.msg}", where) from error


def parse_exercise(
    id: str, code: str, line: int, blanks: tuple[Blank, ...], directives: list[Directive], path: str
) -> Exercise:
    """The exercise of a cell whose code and `#!` lines are known.

    Raises:
        KitError: a rule of docs/authors.md is broken.
    """
    where = f"{path}:{line}"
    anchor = list(ANCHOR.finditer(code))[-1]
    if code[anchor.end() :].strip():
        place = code.count("\n", 0, anchor.start())
        raise KitError(
            f'`check("{id}")` ends its cell; nothing but `#!` lines comes after it', f"{path}:{line + place}"
        )
    if not blanks:
        raise KitError(f"exercise {id} has no `# blank`", where)
    hints = [d for d in directives if d.kind == "hint"]
    if len(hints) != 1:
        raise KitError(f"exercise {id} has {len(hints)} `#! hint:` lines; it must have exactly one", where)
    for d in directives:
        if d.kind in NUMBERED_KINDS and not 1 <= d.blank <= len(blanks):
            raise KitError(f"exercise {id} has {len(blanks)} blanks, there is no number {d.blank}", f"{path}:{d.line}")
    mistakes = tuple(parse_mistake(d, f"{path}:{d.line}") for d in directives if d.kind == "mistake")
    if len(mistakes) < 2:
        raise KitError(f"exercise {id} has {len(mistakes)} `#! mistake:` lines; it must have at least two", where)
    alternatives = tuple(Alternative(d.blank - 1, d.text, d.line) for d in directives if d.kind == "alternative")
    exercise = Exercise(
        id,
        code,
        line,
        blanks,
        hints[0].text,
        mistakes,
        alternatives,
        tuple(d.text for d in directives if d.kind == "probe"),
    )
    for d in directives:
        if d.kind == "probe":
            must_parse(d.text, "eval", "probe", f"{path}:{d.line}")
    others: list[Mistake | Alternative] = [*mistakes, *alternatives]
    for other in others:
        try:
            ast.parse(fill(code, [blanks[other.blank]], [other.expression]))
        except SyntaxError as error:
            raise KitError(
                f"with `{other.expression}` the cell is not Python: {error.msg}", f"{path}:{other.line}"
            ) from error
    return exercise


def parse_code(cell: Cell, path: str, chapter: str) -> Code:
    """A code cell with its markup read and taken off.

    Raises:
        KitError: a rule of docs/authors.md is broken.
    """
    where = f"{path}:{cell.line}"
    body, directives = split_directives(cell, path)
    line, exported = cell.line, body.startswith(EXPORT)
    if exported:
        first, _, body = body.partition("\n")
        line += 1
        if first.strip() != EXPORT:
            raise KitError(f"the first line of an exported cell is `{EXPORT}` and nothing else", where)
    for number, text in enumerate(body.split("\n")):
        if text.lstrip().startswith(("#|", "#!")):
            raise KitError(f"`{text.strip()[:2]}` is markup, and misplaced here", f"{path}:{line + number}")
    if has_sentinel(body) and not re.search(rf"^from workshop import .*{SENTINEL}", body, re.MULTILINE):
        raise KitError(f"`{SENTINEL}` is what the build writes; mark the line with `# blank`", where)
    code, blanks = parse_blanks(body, path, line)
    if exported:
        stray = [node for node in ast.parse(code).body if not isinstance(node, EXPORTABLE) and not is_check(node)]
        if stray:
            raise KitError(
                "an exported cell holds imports, functions and classes only", f"{path}:{line + stray[0].lineno - 1}"
            )
    redraws = tuple(d.text for d in directives if d.kind == "redraw")
    for d in directives:
        if d.kind == "redraw":
            must_parse(d.text, "exec", "redraw", f"{path}:{d.line}")
    anchors = ANCHOR.findall(code)
    if not anchors:
        if blanks:
            raise KitError(
                'a blank stands in an exercise: end the cell with `check("NN.NN")`',
                f"{path}:{line + blanks[0].line - 1}",
            )
        lost = [d for d in directives if d.kind in EXERCISE_KINDS]
        if lost:
            raise KitError(
                f"`#! {lost[0].kind}:` belongs to an exercise, and this cell has no `check(...)`",
                f"{path}:{lost[0].line}",
            )
        return Code(code, line, exported, redraws)
    id = anchors[-1][1]
    if len(anchors) > 1:
        raise KitError("one cell, one `check(...)`", where)
    if not id.startswith(f"{chapter}."):
        raise KitError(f"exercise {id} stands in chapter {chapter}", where)
    return Code(code, line, exported, redraws, parse_exercise(id, code, line, blanks, directives, path))


def is_check(node: ast.stmt) -> bool:
    """Whether a statement is `check("NN.NN")`."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "check"
    )


def parse_chapter(text: str, entry: Entry, path: str) -> Chapter:
    """The records of a chapter's source.

    Raises:
        KitError: with `path:line: what, and the rule`.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if MARKER.match(line):
            break
        if line.strip():
            raise KitError("text before the first `# %%` belongs to no cell", f"{path}:{number}")
    cells: list[Text | Code] = []
    for cell in from_percent(text):
        if cell.kind == "raw":
            raise KitError("a cell is `# %%` or `# %% [markdown]`", f"{path}:{cell.line}")
        if cell.kind == "markdown":
            check_text(cell, path)
        cells.append(Text(cell.source, cell.line) if cell.kind == "markdown" else parse_code(cell, path, entry.id))
    chapter = Chapter(entry, path, tuple(cells))
    check_ids(chapter)
    return chapter


def check_text(cell: Cell, path: str) -> None:
    """A text cell holds no markup of code, and its items are unticked."""
    for number, line in enumerate(cell.source.split("\n")):
        if line.startswith(("!", "| export")):
            raise KitError(
                "`#!` and `#|` are markup of code cells, and this is a text cell", f"{path}:{cell.line + number}"
            )
    for item in items(cell.source):
        if item.ticked or item.flag:
            raise KitError(f"item {item.id} must read `- [ ] {item.id} ...`", f"{path}:{cell.line + item.line - 1}")


def check_ids(chapter: Chapter) -> None:
    """Ids of exercises ascend; each has one item, behind it; no item id occurs twice."""
    seen: list[str] = []
    exercises: list[str] = []
    for cell in chapter.cells:
        if isinstance(cell, Code) and cell.exercise:
            id, where = cell.exercise.id, f"{chapter.path}:{cell.line}"
            if exercises and id <= exercises[-1]:
                raise KitError(f"exercise {id} comes after {exercises[-1]}; ids ascend and occur once", where)
            exercises.append(id)
        if isinstance(cell, Text):
            for item in cell.items:
                where = f"{chapter.path}:{cell.line + item.line - 1}"
                if item.id in seen:
                    raise KitError(f"item {item.id} occurs twice", where)
                if not item.id.startswith(f"{chapter.id}."):
                    raise KitError(f"item {item.id} stands in chapter {chapter.id}", where)
                if item.id[3].isdigit() and item.id not in exercises:
                    raise KitError(f"item {item.id} ticks an exercise that does not stand before it", where)
                seen.append(item.id)
    for id in exercises:
        if id not in seen:
            raise KitError(f"exercise {id} has no item `- [ ] {id} ...`", chapter.path)


def read_chapter(entry: Entry, folder: Path, root: Path) -> Chapter:
    """The chapter of a syllabus entry, from `folder/<stem>.py`; paths in messages are relative to `root`.

    Raises:
        KitError: the file is missing, is not UTF-8, or breaks a rule.
    """
    path = folder / f"{entry.stem}.py"
    shown = path.relative_to(root).as_posix()
    try:
        text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")  # a checkout on Windows
    except OSError as error:
        raise KitError(
            "the chapter's source is missing", shown, "mark it `planned = true` in chapters.toml, or write it"
        ) from error
    except UnicodeDecodeError as error:
        raise KitError("the chapter's source is not UTF-8", shown, "save it as UTF-8") from error
    if "\r" in text:
        raise KitError("the chapter's source has a carriage return inside of a line", shown, "delete it")
    return parse_chapter(text, entry, shown)
