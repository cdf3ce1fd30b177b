"""SOURCE words, and the forks that they name.

    a folder of clones, a clone, an address, a roster, a list of GitHub's  ->  tuple[Origin, ...]

Nothing is opened or fetched here; who lists for `github:` words is given. What cannot be used at all stops the
command; what concerns one student is an origin with its trouble, and so a row in the report.
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

LISTS = ("github:", "github-org:")  # what a word starts with for which a server is asked


def natural(name: str) -> list[tuple[int, int, str]]:
    """A sorting key by which `student-2` comes before `student-10`."""
    return [
        (0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in re.split(r"(\d+)", name.casefold())
    ]


def local(path: Path) -> Origin:
    """The origin of a repository in a folder."""
    return Origin(label(os.path.basename(os.path.abspath(path)).removesuffix(".git")), label(str(path)), path)


def in_folder(folder: Path) -> list[Origin]:
    """A repository, or the repositories in a folder; a folder in it that is none is a row with its reason.

    Raises:
        KitError: there is no repository in it, or it cannot be listed.
    """
    if is_repository(folder):
        return [local(folder)]
    try:
        inner = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    except OSError as error:
        raise KitError("this folder cannot be listed", str(folder), "check its rights") from error
    sound = set(filter(is_repository, inner))
    if not sound:
        raise KitError(
            "there is no git repository in this folder", str(folder), "name the folder that holds the clones"
        )
    none = ForkTrouble("unreadable", "this folder is no git repository")
    found = [local(path) if path in sound else replace(local(path), trouble=none) for path in inner]
    return sorted(found, key=lambda origin: natural(origin.name))


def remote(word: str) -> Origin:
    """The origin of an address that was given on the command line.

    Raises:
        KitError: it is not safe to fetch.
    """
    why = refusal(word)
    if why:
        raise KitError(why, redact(word), "give a folder, an https address or a roster")
    address = parse_address(word)
    return Origin(address.name, redact(address.url), address=address)


def listed(student: Student) -> Origin:
    """The origin of a roster's row."""
    shown = label(redact(student.url))
    origin = Origin(student.name or "?", shown, branch=student.branch, extra=student.extra)
    if not student.url:
        return replace(origin, trouble=ForkTrouble("missing", "in the roster, without a fork"))
    why = refusal(student.url)
    if why:
        return replace(origin, trouble=ForkTrouble("refused", why))
    address = parse_address(student.url)
    return replace(origin, name=student.name or address.name, shown=label(redact(address.url)), address=address)


def same_place(url: str) -> str:
    """An address in the form in which two that mean the same are equal."""
    return re.sub(r"(?:/|\.git)+$", "", url).casefold()


def endings(name: str) -> list[str]:
    """The ends of a folder's name that may be an account's name: `homework-1-octo` -> `1-octo`, `octo`."""
    pieces = name.casefold().split("-")
    return ["-".join(pieces[place:]) for place in range(1, len(pieces))]


RULES: tuple[tuple[Callable[[Student], str], Callable[[Origin], Sequence[str]]], ...] = (
    # what a row says, and what a fork must say to be that student's; the first rule that fits counts
    (
        lambda student: same_place(student.url),
        lambda fork: [same_place(fork.address.url)] if fork.address and fork.login else [],
    ),
    (lambda student: student.name.casefold(), lambda fork: [fork.name.casefold()] if fork.path else []),
    (lambda student: student.login.casefold(), lambda fork: [fork.name.casefold()] if fork.path else []),
    (lambda student: "" if student.url else student.login.casefold(), lambda fork: [fork.login.casefold()]),
    (lambda student: student.login.casefold(), lambda fork: endings(fork.name) if fork.path else []),
)


def claims(forks: Sequence[Origin], students: Sequence[Student]) -> dict[int, int]:
    """Which fork is whose: the place of a fork in its list by the place of the student in the roster.

    An account's name may be the end of another's (`ann`, `joe-ann`): the longest choose first.
    """
    free = {place for place, fork in enumerate(forks) if fork.path or fork.login}
    found: dict[int, int] = {}
    for wanted, offered in RULES:
        index: dict[str, list[int]] = {}
        for place in sorted(free):
            for key in offered(forks[place]):
                index.setdefault(key, []).append(place)
        for number in sorted(set(range(len(students))) - set(found), key=lambda n: (-len(students[n].login), n)):
            key = wanted(students[number])
            fits = [place for place in index.get(key, []) if place in free] if key else []
            if fits:
                found[number] = fits[0]
                free.discard(fits[0])
    return found


def match(found: Iterable[Origin], students: Iterable[Student]) -> list[Origin]:
    """The forks of folders and lists, and the rows of rosters, joined: such a fork is read where it was found.

    A fork without a row says so in its note; a row without a fork is missing.
    """
    forks, rows = list(found), list(students)
    whose = claims(forks, rows)
    alone = {place for place, fork in enumerate(forks) if fork.path or fork.login} - set(whose.values())
    for number, place in whose.items():
        row = rows[number]
        fork = forks[place]
        forks[place] = replace(fork, name=fork.name if fork.path else row.name, branch=row.branch, extra=row.extra)
    rest = [listed(row) for number, row in enumerate(rows) if number not in whose]
    return [replace(fork, note="not in the roster") if n in alone else fork for n, fork in enumerate(forks)] + rest


def nobody(word: str) -> list[Origin]:
    """What is listed where nobody asks a server."""
    raise KitError("this is to be asked of a server", redact(word), "give a folder, an https address or a CSV roster")


def find_forks(words: Sequence[str], ask: Callable[[str], list[Origin]] = nobody) -> tuple[Origin, ...]:
    """The forks that these words name, in their order, each once. `ask` lists those of a `github:` word.

    Raises:
        KitError: a word is no folder, address or roster, or cannot be used.
    """
    forks: list[Origin] = []
    students: list[Student] = []
    rosters = False
    for word in words:
        path = Path(word)
        if word.startswith(LISTS):
            forks += ask(word)
        elif word.startswith("-"):
            raise KitError("a source cannot start with a dash", redact(word), f"if it is a folder, write ./{word}")
        elif path.is_dir():
            forks += in_folder(path)
        elif path.is_file():
            students += read_roster(path)
            rosters = True
        elif looks_remote(word):
            forks.append(remote(word))
        else:
            raise KitError(
                "there is no such folder or roster", redact(word), "give a folder, an https address or a CSV roster"
            )
    rows = match(forks, students) if rosters else forks
    if not rows and rosters:
        raise KitError("there is nobody in this roster", ", ".join(words), "add a line `name,url` for each student")
    once: dict[tuple[str, str], Origin] = {}
    for row in rows:
        place = (
            os.path.abspath(row.path) if row.path else row.address.url if row.address else f"{row.shown} {len(once)}"
        )
        once.setdefault((row.name, place), row)
    return tuple(once.values())
