"""Newer versions of the fake course, one for each kind of change, and repositories that receive them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from kit.course.build import derived_files
from kit.course.course import Course
from tests.support import fake_course
from tests.support.fake_course import git

Files = Mapping[str, str]
SECOND = "checkpoints/ch01_second.py"
THIRD = """# %% [markdown]
# # 02 Third steps

# %%
y = 3  # blank: three
check("02.01")
#! hint: a number
#! mistake: 2 -> that is two
#! mistake: 4 -> that is four

# %% [markdown]
# - [ ] 02.01 Write three
"""
ADDED = """# %%
halved = x / 2  # blank: half of each number
check("01.ID")
#! hint: one operator
#! mistake: x // 2 -> that rounds down
#! mistake: x - 2 -> that takes two away

"""
START: Files = {
    "chapters.toml": fake_course.SYLLABUS,
    "checkpoints/ch00_first.py": fake_course.FIRST,
    SECOND: fake_course.SECOND,
    "kit/tool.py": "one = 1\ntwo = 2\n\n\n\nlast = 9\n",
    "requirements.txt": "torch\n",
    ".gitattributes": "workshop/*/ch*.py merge=workshop\nworkshop/*/ch*.ipynb merge=workshop\n",
}


def text(*changes: tuple[str, str]) -> Callable[[Files], Files]:
    """The course with these words in the second chapter replaced."""

    def change(files: Files) -> Files:
        source = files[SECOND]
        for old, new in changes:
            assert old in source
            source = source.replace(old, new)
        return {**files, SECOND: source}

    return change


def cells(order: Callable[[list[str]], list[str]]) -> Callable[[Files], Files]:
    """The course with the second chapter's cells in another order, or fewer of them."""

    def change(files: Files) -> Files:
        parts = re.split(r"(?m)^(?=# %%)", files[SECOND])[1:]
        return {**files, SECOND: "".join(f"{part.rstrip()}\n\n" for part in order(parts))}

    return change


def renumbered(files: Files) -> Files:
    """A new exercise 01.01, with the others moved up by one."""
    source = files[SECOND].replace("01.02", "01.03").replace("01.01", "01.02")
    source = source.replace("# %%\ndoubled", ADDED.replace("ID", "01") + "# %%\ndoubled")
    return {**files, SECOND: source.replace("# - [ ] 01.02", "# - [ ] 01.01 Halve a tensor\n# - [ ] 01.02", 1)}


def swapped(files: Files) -> Files:
    """The second chapter's two exercises swapped, each with the other's number."""
    swap = {"01.01": "01.02", "01.02": "01.01"}
    files = cells(lambda parts: [*parts[:3], *parts[5:], *parts[3:5]])(files)
    return {**files, SECOND: re.sub("|".join(swap), lambda found: swap[found[0]], files[SECOND])}


def slug(files: Files) -> Files:
    """The second chapter under another name."""
    syllabus = files["chapters.toml"].replace('"second"', '"next"')
    rest = {path: data for path, data in files.items() if path != SECOND}
    return {**rest, "chapters.toml": syllabus, "checkpoints/ch01_next.py": files[SECOND]}


def third(files: Files) -> Files:
    """One more chapter."""
    syllabus = files["chapters.toml"].replace("planned = true\n", "")
    return {**files, "chapters.toml": syllabus, "checkpoints/ch02_third.py": THIRD}


def inserted(files: Files) -> Files:
    """A chapter before the second one, which is now the third."""
    head, first, second, last = files["chapters.toml"].split("[[chapter]]")
    new = '\nslug = "between"\ntitle = "Between"\nminutes = 5\n\n'
    rest = {path: data for path, data in files.items() if path != SECOND}
    return {
        **rest,
        "chapters.toml": "[[chapter]]".join([head, first, new, second, last]),
        "checkpoints/ch01_between.py": THIRD.replace("02", "01"),
        "checkpoints/ch02_second.py": re.sub(r"\b01\.", "02.", files[SECOND]),
    }


def dropped(files: Files) -> Files:
    """The second chapter is gone."""
    head, first, _, _ = files["chapters.toml"].split("[[chapter]]")
    return {**{p: d for p, d in files.items() if p != SECOND}, "chapters.toml": f"{head}[[chapter]]{first}"}


def added(files: Files) -> Files:
    """A third exercise in the second chapter."""
    source = files[SECOND].replace("# - [ ] 01.r1", "# - [ ] 01.03 Halve a tensor\n# - [ ] 01.r1")
    return {
        **files,
        SECOND: source.replace(
            "# %% [markdown]\n# - [ ] 01.02", ADDED.replace("ID", "03") + "# %% [markdown]\n# - [ ] 01.02"
        ),
    }


CHANGES: dict[str, Callable[[Files], Files]] = {
    "text": text(
        ("Goal: double.", "The goal: to double."),
        ("torch.randn(2, 3)", "torch.randn(2, 4)"),
        ("what a loop", "what any loop"),
    ),
    "added": added,
    "renumbered": renumbered,
    "removed": cells(lambda parts: [part for part in parts if "01.01" not in part]),
    "order": swapped,
    "slug": slug,
    "chapter": third,
    "todo": text(("twice each number", "two times each number"), ("what to walk over", "what to go through")),
}
MORE = {"inserted": inserted, "dropped": dropped}


def write(root: Path, files: Files) -> Course:
    """A course with these authored files and everything derived from them, replacing what was there."""
    for path in (*root.glob("checkpoints/*.py"), *root.glob("workshop/*/ch*"), *root.glob("nanogpt/*.py")):
        path.unlink()
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(data)
    course = Course(root)
    for path, data in derived_files(course).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data)
    (root / ".gitignore").write_text(".workshop/\n")
    return course


def commit(root: Path, message: str) -> None:
    """Commit everything."""
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", message)


def publish(folder: Path) -> Course:
    """The instructor's repository, with one commit."""
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    course = write(folder, START)
    commit(folder, "first release")
    return course


def fork(folder: Path, source: Path, related: bool = True) -> Course:
    """A student's clone; if unrelated, the same files in a repository that started from a commit of its own."""
    if related:
        git(source.parent, "clone", "-q", "-o", "upstream", str(source), str(folder))
    else:
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns(".git"))
        git(folder, "init", "-q", "-b", "main")
        commit(folder, "a copy")
        git(folder, "remote", "add", "upstream", str(source))
    git(folder, "config", "user.name", "student-01")
    git(folder, "config", "user.email", "student-01@example.org")
    shutil.rmtree(folder / ".git" / "hooks", ignore_errors=True)
    return Course(folder)
