"""A chapter's source: percent-format cells with the markup of docs/authors.md, read into the records of `chapter`.

    #| export                        first line of a cell whose code goes to nanogpt/
    x = 1  # blank [part]: comment   see `blanks`
    check("06.03")                   makes the cell an exercise
    #! hint: ...                     then hint, mistake, alternative, probe, typed, redraw, equivalent, challenge
    #! slow: ...                     a given cell that takes seconds, which the judge never runs

Reading stops at the first thing that breaks a rule, with `file:line: what, and the rule`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kit.course.blanks import SENTINEL, Blank, fill, has_sentinel, parse_blanks
from kit.course.cells import ANCHOR, MARKER, Cell, from_percent
from kit.course.chapter import Alternative, Chapter, Code, Equivalent, Exercise, Mistake, Text
from kit.course.checklist import items
from kit.course.syllabus import Entry
from kit.errors import KitError

EXPORT = "#| export"
DIRECTIVE = re.compile(r"#!(?P<space>\s*)(?P<rest>.*)$")
KEYWORD = re.compile(r"(?P<kind>[a-z]+)(?:\s+(?P<blank>\d+))?:\s*(?P<text>.*)$")
NUMBERED_KINDS = {"mistake", "alternative"}
EXERCISE_KINDS = {"hint", "probe", "typed", "equivalent", "challenge"} | NUMBERED_KINDS
EXPORTABLE = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Directive:
    """One `#!` line: its kind, its text, its line in the file, and the blank it's about (counted from 1)."""

    kind: str
    text: str
    line: int
    blank: int = 1


def read_chapter(entry: Entry, folder: Path, root: Path) -> Chapter:
    """The chapter of a syllabus entry, from `folder/<stem>.py`; paths in messages are relative to `root`.

    Raises:
        KitError: the file is missing, isn't UTF-8, or breaks a rule.
    """
    path = folder / f"{entry.stem}.py"
    shown = path.relative_to(root).as_posix()
    try:
        text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")  # a checkout on Windows
    except OSError as error:
        advice = "write it, or put `planned = true` in its entry in chapters.toml"
        raise KitError("the chapter's source is missing", shown, advice) from error
    except UnicodeDecodeError as error:
        raise KitError("the chapter's source isn't UTF-8", shown, "save it as UTF-8") from error
    if "\r" in text:
        raise KitError("there's a carriage return inside a line", shown, "delete it")
    return parse_chapter(text, entry, shown)


def parse_chapter(text: str, entry: Entry, path: str) -> Chapter:
    """The records of a chapter's source.

    Raises:
        KitError: `path:line`, what's wrong and the rule.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if MARKER.match(line):
            break
        if line.strip():
            raise KitError("text before the first `# %%` isn't in any cell", f"{path}:{number}")
    cells: list[Text | Code] = []
    for cell in from_percent(text):
        if cell.kind == "raw":
            raise KitError("a cell starts with `# %%` or `# %% [markdown]`", f"{path}:{cell.line}")
        cells.append(parse_text(cell, path) if cell.kind == "markdown" else parse_code(cell, path, entry.id))
    chapter = Chapter(entry, path, tuple(cells))
    check_ids(chapter)
    return chapter


def parse_text(cell: Cell, path: str) -> Text:
    """A text cell.

    Raises:
        KitError: it has markup meant for code, or an item that is ticked or oddly written.
    """
    for number, line in enumerate(cell.source.split("\n"), cell.line):
        if line.startswith(("!", "| export")):
            raise KitError("`#!` and `#|` are for code cells, and this is a text cell", f"{path}:{number}")
    for item in items(cell.source):
        if item.ticked or item.flag:
            raise KitError(f"item {item.id} must read `- [ ] {item.id} ...`", f"{path}:{cell.line + item.line - 1}")
    return Text(cell.source, cell.line)


def parse_code(cell: Cell, path: str, chapter_id: str) -> Code:
    """A code cell, with its markup read and removed.

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
    for number, text in enumerate(body.split("\n"), line):
        if text.lstrip().startswith(("#|", "#!")):
            raise KitError(f"`{text.strip()[:2]}` is markup and can't be here", f"{path}:{number}")
    if has_sentinel(body) and not re.search(rf"^from workshop import .*{SENTINEL}", body, re.MULTILINE):
        raise KitError(f"`{SENTINEL}` is for the build to write; mark the line with `# blank`", where)
    code, blanks = parse_blanks(body, path, line)
    if exported:
        stray = [node for node in ast.parse(code).body if not isinstance(node, EXPORTABLE) and not is_check(node)]
        if stray:
            place = f"{path}:{line + stray[0].lineno - 1}"
            raise KitError("an exported cell can only have imports, functions and classes", place)
    for directive in directives:
        if directive.kind == "redraw":
            require_python(directive, "exec", path)
        if directive.kind == "slow" and (exported or ANCHOR.search(code)):
            raise KitError("`#! slow:` is for a given cell that isn't exported", f"{path}:{directive.line}")
    redraws = tuple(directive.text for directive in directives if directive.kind == "redraw")
    slow = any(directive.kind == "slow" for directive in directives)
    anchors = ANCHOR.findall(code)
    if len(anchors) > 1:
        raise KitError("a cell has only one `check(...)`", where)
    if anchors:
        exercise_id = anchors[0][1]
        if not exercise_id.startswith(f"{chapter_id}."):
            raise KitError(f"exercise {exercise_id} is in chapter {chapter_id}", where)
        exercise = parse_exercise(exercise_id, code, line, blanks, directives, path)
        return Code(code, line, exported, redraws, exercise)
    if blanks:
        place = f"{path}:{line + blanks[0].line - 1}"
        raise KitError('only exercises have blanks: end the cell with `check("NN.NN")`', place)
    for directive in directives:
        if directive.kind in EXERCISE_KINDS:
            what = f"`#! {directive.kind}:` belongs to an exercise, and this cell has no `check(...)`"
            raise KitError(what, f"{path}:{directive.line}")
    return Code(code, line, exported, redraws, slow=slow)


def is_check(node: ast.stmt) -> bool:
    """Whether a statement is `check("NN.NN")`."""
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "check"


def split_directives(cell: Cell, path: str) -> tuple[str, list[Directive]]:
    """A code cell's code, and the `#!` lines after it. A line that starts with three spaces continues the one before.

    Raises:
        KitError: there's code after a `#!` line, or a `#!` line isn't understood.
    """
    lines = cell.source.split("\n")
    first = next((n for n, line in enumerate(lines) if line.startswith("#!")), len(lines))
    found: list[Directive] = []
    for number, line in enumerate(lines[first:], cell.line + first):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        whole = DIRECTIVE.match(line)
        if whole is None:
            raise KitError("`#!` lines end a cell; no code can come after them", where)
        if len(whole["space"]) >= 3 and found:
            found[-1] = replace(found[-1], text=f"{found[-1].text} {whole['rest'].strip()}")
            continue
        word = KEYWORD.match(whole["rest"])
        if word is None or word["kind"] not in EXERCISE_KINDS | {"redraw", "slow"}:
            kinds = "hint, mistake, alternative, probe, typed, redraw, equivalent, challenge and slow"
            raise KitError(f"unknown `#!` line; there are {kinds}", where)
        if word["blank"] and word["kind"] not in NUMBERED_KINDS:
            raise KitError(f"`#! {word['kind']}` doesn't take a number", where)
        if not word["text"].strip():
            raise KitError(f"`#! {word['kind']}:` is empty", where)
        found.append(Directive(word["kind"], word["text"].strip(), number, int(word["blank"] or 1)))
    return "\n".join(lines[:first]).rstrip(), found


def parse_exercise(
    exercise_id: str, code: str, line: int, blanks: tuple[Blank, ...], directives: Sequence[Directive], path: str
) -> Exercise:
    """The exercise in a cell's code, which starts at `line` of the file, and its `#!` lines.

    Raises:
        KitError: a rule of docs/authors.md is broken.
    """
    where = f"{path}:{line}"
    anchor = ANCHOR.search(code)
    assert anchor is not None
    if code[anchor.end() :].strip():
        what = f'`check("{exercise_id}")` ends its cell; only `#!` lines can come after it'
        raise KitError(what, f"{path}:{line + code.count(chr(10), 0, anchor.start())}")
    if not blanks:
        raise KitError(f"exercise {exercise_id} has no `# blank`", where)
    hints, mistakes, alternatives, probes, typed, equivalents, challenges = (
        [directive for directive in directives if directive.kind == kind]
        for kind in ("hint", "mistake", "alternative", "probe", "typed", "equivalent", "challenge")
    )
    if len(hints) != 1:
        raise KitError(f"exercise {exercise_id} has {len(hints)} `#! hint:` lines; it needs exactly one", where)
    if len(challenges) > 1:
        raise KitError(f"exercise {exercise_id} has {len(challenges)} `#! challenge:` lines", where)
    if len(mistakes) < 2:
        raise KitError(f"exercise {exercise_id} has {len(mistakes)} `#! mistake:` lines; it needs at least two", where)
    for directive in [*mistakes, *alternatives]:
        if not 1 <= directive.blank <= len(blanks):
            what = f"there's no blank {directive.blank}: exercise {exercise_id} has {len(blanks)}"
            raise KitError(what, f"{path}:{directive.line}")
    looks = [split_caption(directive, path) for directive in probes]
    exercise = Exercise(
        exercise_id,
        code,
        line,
        blanks,
        hints[0].text,
        tuple(parse_mistake(directive, path) for directive in mistakes),
        tuple(Alternative(directive.blank - 1, directive.text, directive.line) for directive in alternatives),
        tuple(expression for expression, _ in looks),
        {expression: caption for expression, caption in looks if caption},
        tuple(directive.text for directive in typed),
        tuple(parse_equivalent(directive, path) for directive in equivalents),
        challenges[0].text if challenges else "",
    )
    known = {*exercise.probes, *assigned(code)}
    for directive in typed:
        if directive.text not in known:
            raise KitError(
                f"`#! typed:` names a name or a probe of the exercise; `{directive.text}` is neither",
                f"{path}:{directive.line}",
            )
    others: list[Mistake | Alternative] = [*exercise.mistakes, *exercise.alternatives]
    for other in others:
        try:
            ast.parse(fill(code, [blanks[other.blank]], [other.expression]))
        except SyntaxError as error:
            what = f"with `{other.expression}` the cell isn't Python: {error.msg}"
            raise KitError(what, f"{path}:{other.line}") from error
    return exercise


def assigned(code: str) -> set[str]:
    """The names that a cell assigns."""
    names = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Store)}


def split_caption(directive: Directive, path: str) -> tuple[str, str]:
    """A probe's expression, and its caption or nothing, split at the first arrow that has an expression before it.

    Raises:
        KitError: it isn't Python.
    """
    pieces = directive.text.split(" -> ")
    for cut in range(1, len(pieces)):
        expression = " -> ".join(pieces[:cut]).strip()
        try:
            ast.parse(expression, mode="eval")
        except SyntaxError:
            continue
        return expression, " -> ".join(pieces[cut:]).strip()
    require_python(directive, "eval", path)
    return directive.text, ""


def parse_mistake(directive: Directive, path: str) -> Mistake:
    """`expression -> message`, split at the first arrow that has an expression before it.

    Raises:
        KitError: there's no such arrow, or no message.
    """
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
    raise KitError("a mistake reads `#! mistake: expression -> message`", f"{path}:{directive.line}")


def parse_equivalent(directive: Directive, path: str) -> Equivalent:
    """`rule: old => new -> reason`.

    Raises:
        KitError: it has no reason.
    """
    mutant, _, reason = directive.text.partition(" -> ")
    if not reason.strip():
        raise KitError(
            "an equivalent mutant reads `#! equivalent: rule: old => new -> reason`", f"{path}:{directive.line}"
        )
    return Equivalent(mutant.strip(), reason.strip(), directive.line)


def require_python(directive: Directive, mode: str, path: str) -> None:
    """Stop unless a directive's text is an expression (`eval`) or statements (`exec`).

    Raises:
        KitError: it isn't.
    """
    try:
        ast.parse(directive.text, mode=mode)
    except SyntaxError as error:
        raise KitError(f"`#! {directive.kind}:` isn't Python: {error.msg}", f"{path}:{directive.line}") from error


def check_ids(chapter: Chapter) -> None:
    """Make sure that exercise ids ascend, that each exercise has one item after it, and that no item id occurs twice.

    A challenge must be the last exercise.

    Raises:
        KitError: one of these doesn't hold.
    """
    seen: list[str] = []
    exercises: list[str] = []
    for cell in chapter.cells:
        if isinstance(cell, Code) and cell.exercise:
            exercise_id = cell.exercise.id
            if exercises and exercise_id <= exercises[-1]:
                what = f"exercise {exercise_id} comes after {exercises[-1]}; ids ascend, and occur once"
                raise KitError(what, f"{chapter.path}:{cell.line}")
            if exercises and chapter.exercises[len(exercises) - 1].challenge:
                what = f"{exercises[-1]} is a challenge, and a challenge is the last exercise of its chapter"
                raise KitError(what, f"{chapter.path}:{cell.line}")
            if exercise_id in chapter.entry.removed:
                what = f"exercise {exercise_id} was removed once, and an id isn't used again"
                raise KitError(what, f"{chapter.path}:{cell.line}", "give it the next free id")
            exercises.append(exercise_id)
        if isinstance(cell, Text):
            for item in cell.items:
                where = f"{chapter.path}:{cell.line + item.line - 1}"
                if item.id in seen:
                    raise KitError(f"item {item.id} occurs twice", where)
                if not item.id.startswith(f"{chapter.id}."):
                    raise KitError(f"item {item.id} is in chapter {chapter.id}", where)
                if item.id[3].isdigit() and item.id not in exercises:
                    raise KitError(f"item {item.id} ticks an exercise that isn't before it", where)
                seen.append(item.id)
    for exercise_id in exercises:
        if exercise_id not in seen:
            raise KitError(f"exercise {exercise_id} has no item `- [ ] {exercise_id} ...`", chapter.path)
