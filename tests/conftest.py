"""Fixtures that many tests share."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from kit.course.course import Course
from tests.support import fake_course
from tests.support.git_server import Server, serve

os.environ.pop("COLUMNS", None)  # pytest's workers are told 80, and have no terminal

# Machines are busy and examples are many: how long one takes says nothing.
settings.register_profile("kit", deadline=None)
settings.load_profile("kit")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The fake course, written into an empty folder."""
    return fake_course.make_course(tmp_path / "course")


@pytest.fixture
def repository(tmp_path: Path) -> Course:
    """The fake course in a git repository with one commit."""
    return fake_course.make_repository(tmp_path / "course")


@pytest.fixture
def fast() -> Iterator[Path]:
    """A folder for many copies, in memory where the system has such a place."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """What is in the folder `served`, over smart HTTP."""
    (tmp_path / "served").mkdir()
    with serve(tmp_path / "served") as running:
        yield running


@pytest.fixture
def one_thread() -> Iterator[None]:
    """A second thread gains nothing for small tensors, and on a busy machine each operation waits for it."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
