"""SOURCE words, and the forks that they name.

    a folder of clones, a clone, an address, a roster, a GitHub list  ->  tuple[Origin, ...]

Nothing is opened or fetched here, and the GitHub lister is passed in. A word that can't be used at all stops the
command; trouble with one student becomes part of that student's origin, and so a row in the report.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from kit.errors import KitError
from kit.forks.records import ForkTrouble, Origin
from kit.forks.repository import is_repository
from kit.git.address import looks_remote, parse_address, redact, refusal
from kit.sources.roster import Student, read_roster
from kit.text import label

GITHUB_WORDS = ("github:", "github-org:")  # how a word starts if it's for GitHub
SERVER_WORDS = (*GITHUB_WORDS, "gitlab:", "gitea:")
WHAT_TO_GIVE = "give a folder, an https address or a CSV roster"


def natural_order(name: str) -> list[tuple[int, int, str]]:
    """A sorting key that puts `student-2` before `student-10`."""
    return [
        (0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in re.split(r"(\d+)", name.casefold())
    ]


def folder_origin(path: Path) -> Origin:
    """The origin of a repository in a folder."""
    return Origin(label(os.path.basename(os.path.abspath(path)).removesuffix(".git")), label(str(path)), path)


def origins_in(folder: Path) -> list[Origin]:
    """A repository, or the repositories in a folder; any other folder in it gets a row that says so.

    Raises:
        KitError: there's no repository in it, or it can't be listed.
    """
    if is_repository(folder):
        return [folder_origin(folder)]
    try:
        inner = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    except OSError as error:
        raise KitError("this folder can't be listed", str(folder), "check its permissions") from error
    sound = set(filter(is_repository, inner))
    if not sound:
        raise KitError("no git repository in this folder", str(folder), "name the folder that holds the clones")
    trouble = ForkTrouble("unreadable", "not a git repository")
    found = [folder_origin(path) if path in sound else replace(folder_origin(path), trouble=trouble) for path in inner]
    return sorted(found, key=lambda origin: natural_order(origin.name))


def address_origin(word: str) -> Origin:
    """The origin of an address that was given on the command line.

    Raises:
        KitError: it isn't safe to fetch.
    """
    why = refusal(word)
    if why:
        raise KitError(why, redact(word), WHAT_TO_GIVE)
    address = parse_address(word)
    return Origin(address.name, redact(address.url), address=address)


def roster_origin(student: Student) -> Origin:
    """The origin for a roster's row that has no fork."""
    shown = label(redact(student.url))
    origin = Origin(student.name or "?", shown, branch=student.branch, extra=student.extra, row=student.cells)
    if not student.url:
        return replace(origin, trouble=ForkTrouble("missing", "in the roster, without a fork"))
    why = refusal(student.url)
    if why:
        return replace(origin, trouble=ForkTrouble("refused", why))
    address = parse_address(student.url)
    return replace(origin, name=student.name or address.name, shown=label(redact(address.url)), address=address)


def comparable(url: str) -> str:
    """An address in a form that makes two that mean the same equal."""
    return re.sub(r"(?:/|\.git)+$", "", url).casefold()


def endings(name: str) -> list[str]:
    """The ends of a folder's name that may be an account: `homework-1-octo` -> `1-octo`, `octo`."""
    pieces = name.casefold().split("-")
    return ["-".join(pieces[start:]) for start in range(1, len(pieces))]


RULES: tuple[tuple[Callable[[Student], str], Callable[[Origin], Sequence[str]]], ...] = (
    # what a row says, and what a fork must say to be that student's; the first rule that matches counts
    (
        lambda student: comparable(student.url),
        lambda fork: [comparable(fork.address.url)] if fork.address and fork.login else [],
    ),
    (lambda student: student.name.casefold(), lambda fork: [fork.name.casefold()] if fork.path else []),
    (lambda student: student.login.casefold(), lambda fork: [fork.name.casefold()] if fork.path else []),
    (lambda student: "" if student.url else student.login.casefold(), lambda fork: [fork.login.casefold()]),
    (lambda student: student.login.casefold(), lambda fork: endings(fork.name) if fork.path else []),
)


def forks_of_students(forks: Sequence[Origin], students: Sequence[Student]) -> dict[int, int]:
    """Which fork is whose: from a student's index in the roster to the fork's index.

    An account's name may be the end of another's (`ann`, `joe-ann`), so the longest choose first.
    """
    free = {index for index, fork in enumerate(forks) if fork.path or fork.login}
    found: dict[int, int] = {}
    for wanted, offered in RULES:
        by_key: dict[str, list[int]] = {}
        for index in sorted(free):
            for key in offered(forks[index]):
                by_key.setdefault(key, []).append(index)
        for number in sorted(set(range(len(students))) - set(found), key=lambda n: (-len(students[n].login), n)):
            key = wanted(students[number])
            fits = [index for index in by_key.get(key, []) if index in free] if key else []
            if fits:
                found[number] = fits[0]
                free.discard(fits[0])
    return found


def join(found: Iterable[Origin], students: Iterable[Student]) -> list[Origin]:
    """The forks from folders and lists, joined with the rows of rosters. A fork is read where it was found.

    A fork without a row says so in its note; a row without a fork is missing.
    """
    forks, rows = list(found), list(students)
    whose = forks_of_students(forks, rows)
    alone = {index for index, fork in enumerate(forks) if fork.path or fork.login} - set(whose.values())
    for number, index in whose.items():
        row = rows[number]
        fork = forks[index]
        forks[index] = replace(
            fork, name=fork.name if fork.path else row.name, branch=row.branch, extra=row.extra, row=row.cells
        )
    rest = [roster_origin(row) for number, row in enumerate(rows) if number not in whose]
    return [replace(fork, note="not in the roster") if n in alone else fork for n, fork in enumerate(forks)] + rest


def no_github(word: str) -> list[Origin]:
    """The lister for a caller without one."""
    raise KitError("GitHub sources aren't supported here", redact(word), WHAT_TO_GIVE)


def find_forks(words: Sequence[str], list_github: Callable[[str], list[Origin]] = no_github) -> tuple[Origin, ...]:
    """The forks that these words name, in order, each once. `list_github` lists those of a word for GitHub or
    another server.

    Raises:
        KitError: a word isn't a folder, address or roster, or can't be used.
    """
    forks: list[Origin] = []
    students: list[Student] = []
    rosters = False
    for word in words:
        path = Path(word)
        if word.startswith(SERVER_WORDS):
            forks += list_github(word)
        elif word.startswith("-"):
            raise KitError("a source can't start with a dash", redact(word), f"if it is a folder, write ./{word}")
        elif path.is_dir():
            forks += origins_in(path)
        elif path.is_file():
            students += read_roster(path)
            rosters = True
        elif looks_remote(word):
            forks.append(address_origin(word))
        else:
            raise KitError("not a folder or roster", redact(word), WHAT_TO_GIVE)
    rows = join(forks, students) if rosters else forks
    if not rows and rosters:
        raise KitError("the roster has no students", ", ".join(words), "add a line `name,url` for each of them")
    once: dict[tuple[str, str], Origin] = {}
    for row in rows:
        place = (
            os.path.abspath(row.path) if row.path else row.address.url if row.address else f"{row.shown} {len(once)}"
        )
        once.setdefault((row.name, place), row)
    return tuple(once.values())
