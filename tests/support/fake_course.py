"""A small course with two chapters for testing the tools, and real git repositories to put it in."""

from __future__ import annotations

import subprocess
from pathlib import Path

from kit.course.cells import to_percent
from kit.course.course import Course
from kit.course.notebook import to_notebook
from kit.course.render import learner_cells

SYLLABUS = """
[[chapter]]
slug = "first"
title = "First steps"
minutes = 10

[[chapter]]
slug = "second"
title = "Second steps"
minutes = 20

[[chapter]]
slug = "third"
title = "Not written yet"
minutes = 30
planned = true
"""

FIRST = """# %% [markdown]
# # 00 First steps
#
# Goal: count. 10 minutes.

# %%
from workshop import ____, check

# %%
word = "apple"
#! redraw: word = "banana split"

# %% [markdown]
# ## Counting · 10 min

# %%
length = len(word)  # blank: how many letters?
check("00.01")
#! hint: there is a function for it
#! mistake: len(word) - 1 -> that is the index of the last letter; the count is one more
#! mistake: word.count("p") -> that counts one letter only
#! alternative: sum(1 for _ in word)

# %%
first = word[0]  # blank: the first letter
last = word[-1]  # blank: the last letter
check("00.02")
#! hint: positions count from 0
#! mistake: word[1] -> positions count from 0, so this is the second letter
#! mistake 2: word[-2] -> -1 is the last position

# %% [markdown]
# - [ ] 00.01 Count the letters
# - [ ] 00.02 Take the first and the last
# - [ ] 00.r1 I know where positions start
"""

SECOND = '''# %% [markdown]
# # 01 Second steps
#
# Goal: double. 20 minutes.

# %%
import torch

from workshop import ____, check

# %%
torch.manual_seed(1)
x = torch.randn(2, 3)

# %%
doubled = x * 2  # blank: twice each number
check("01.01")
#! hint: one operator
#! mistake: x + 2 -> that adds two; twice a number is the number times two
#! mistake: x ** 2 -> that is the square
#! alternative: x + x
#! alternative: torch.add(x, x)

# %% [markdown]
# - [ ] 01.01 Double a tensor

# %%
#| export
def total(values: list[int]) -> int:
    """The sum of some numbers."""
    result = 0
    for value in values:  # blank [values]: what to walk over
        result += value  # blank: what to add
    return result
check("01.02")
#! hint: walk over the list, add each
#! mistake: values[1:] -> the first number is left out
#! mistake 2: 1 -> that counts the numbers
#! probe: total([1, 2, 3])
#! probe: total([])

# %% [markdown]
# - [ ] 01.02 Write a sum
# - [ ] 01.r1 I can say what a loop does
'''


def make_course(root: Path) -> Course:
    """Write the fake course's authored files below `root`, and its todo pairs."""
    (root / "checkpoints").mkdir(parents=True)
    (root / "workshop" / "en").mkdir(parents=True)
    (root / "chapters.toml").write_text(SYLLABUS)
    (root / "checkpoints" / "ch00_first.py").write_text(FIRST)
    (root / "checkpoints" / "ch01_second.py").write_text(SECOND)
    course = Course(root)
    for chapter in course.chapters:
        write_pair(course, chapter.id, {}, ())
    return course


def write_pair(course: Course, item_id: str, answers: dict[str, str], ticked: tuple[str, ...]) -> None:
    """Write a chapter's pair with these answers (code by exercise id) and ticks."""
    chapter = course.chapter(item_id)
    cells = learner_cells(chapter, answers, ticked)
    folder = course.pairs()
    (folder / f"{chapter.entry.stem}.py").write_text(to_percent(cells))
    (folder / f"{chapter.entry.stem}.ipynb").write_text(to_notebook(cells, chapter.id))


def git(folder: Path, *words: str) -> str:
    """Run git in a folder, without the tester's own settings, and return what it printed."""
    done = subprocess.run(
        ["git", "-c", "user.name=student-01", "-c", "user.email=student-01@example.org", *words],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"},
    )
    return done.stdout


def make_repository(root: Path) -> Course:
    """The fake course in a git repository with one commit."""
    course = make_course(root)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "start")
    return course
