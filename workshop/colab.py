"""A course that was fetched (workshop/fetch.py) has nobody's answers in it: they come from Colab's window or a fork.

    the notebook in the window --keep_open--> workshop/en/chNN_slug.ipynb of the fetched course
    the fork on GitHub         --bring------> every chapter there

In a checkout the learner's files are on disk, and nothing here touches them.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import tarfile
from collections import Counter
from importlib import import_module
from pathlib import Path, PurePosixPath

from kit import files
from kit.course.answers import read_work
from kit.course.course import CHAPTER_FILE, Course
from kit.errors import KitError
from workshop import fetch

GITHUB = "https://github.com/"
SECONDS = 10.0  # for Colab's window to answer
LINK = re.compile(rb"/workshop/([\w-]+)/ch\d\d_\w*\.ipynb\)")

in_window: dict[Path, str] = {}  # the language of the notebook in Colab's window, asked for once a kernel


def is_fetched(course: Course) -> bool:
    """Whether this course was fetched for a notebook that's alone."""
    return (course.root / fetch.FETCHED).is_file()


def open_notebook() -> bytes | None:
    """The notebook in Colab's window, as it is now; None anywhere else, or if the window doesn't answer."""
    if "google.colab" not in sys.modules:
        return None
    try:
        window = import_module("google.colab._message")
        answer = window.blocking_request("get_ipynb", request="", timeout_sec=SECONDS)
        return json.dumps(answer["ipynb"]).encode()
    except Exception:  # not ours, and without a promise: whatever it raises, we do without
        return None


def keep_open(course: Course) -> None:
    """Write the notebook in Colab's window to its chapter's place in a fetched course, so that it can be read."""
    data = open_notebook() if is_fetched(course) else None
    if data is None:
        return
    chapters = Counter(exercise_id[:2] for exercise_id in read_work(data, notebook=True).answers)
    for chapter_id, _ in chapters.most_common(1):
        if chapter_id in course.written:
            put(course, language_of(course, data), f"{course.written[chapter_id].stem}.ipynb", data)


def language(course: Course) -> str:
    """The language of the notebook in Colab's window, which is on no disk; empty anywhere else."""
    if course.root not in in_window:
        data = open_notebook() if is_fetched(course) else None
        in_window[course.root] = language_of(course, data) if data else ""
    return in_window[course.root]


def language_of(course: Course, notebook: bytes) -> str:
    """The language of a chapter's notebook, from the link to itself below its heading; English if it has none."""
    found = (match[1].decode() for match in LINK.finditer(notebook))
    return next((code for code in found if code in course.languages), course.languages[0])


def put(course: Course, language: str, name: str, data: bytes) -> None:
    """Make this file all that the course has of its chapter; a file that can't be written is left out."""
    path = course.pairs(language) / name
    with contextlib.suppress(KitError):
        files.write(path, data, course.root)
        if path.suffix == ".ipynb":
            files.remove(path.with_suffix(".py"), course.root)


def bring(course: Course, fork: str) -> int:
    """Copy the chapters of a fork, `OWNER/REPO` on GitHub or an address, into a fetched course; returns how many.

    Raises:
        KitError: this is a checkout, or the fork can't be read.
    """
    if not is_fetched(course):
        raise KitError("this is a checkout, so your chapters are here already", str(course.root), "git pull, if not")
    address = fork.removesuffix("/").removesuffix(".git")
    address = address if "://" in address else GITHUB + address
    try:
        _, data = fetch.archive(f"{address}/archive/HEAD.tar.gz")
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            found = dict(chapters_in(tar, {entry.stem for entry in course.written.values()}))
    except (fetch.NotFetched, tarfile.TarError) as error:
        raise KitError("your fork can't be read", address, f"name a public one as OWNER/REPO ({error})") from error
    for (language, name), content in sorted(found.items()):  # a notebook comes before its .py, which stays beside it
        put(course, language, name, content)
    return len({name[:4] for _, name in found})


def chapters_in(tar: tarfile.TarFile, stems: set[str]) -> list[tuple[tuple[str, str], bytes]]:
    """The chapters' files in a repository's archive, by language and name."""
    found = []
    for member in tar.getmembers():
        _, *parts = PurePosixPath(member.name).parts
        content = tar.extractfile(member) if member.isfile() and len(parts) == 3 else None
        if content and parts[0] == "workshop" and CHAPTER_FILE.fullmatch(parts[2]) and parts[2].split(".")[0] in stems:
            found.append(((parts[1], parts[2]), content.read()))
    return found
