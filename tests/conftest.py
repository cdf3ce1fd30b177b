"""Fixtures that many tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from kit.course import Course
from tests import fake

# Machines are busy and examples are many: how long one takes says nothing.
settings.register_profile("kit", deadline=None)
settings.load_profile("kit")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The fake course, written into an empty folder."""
    return fake.make_course(tmp_path / "course")


@pytest.fixture
def repository(tmp_path: Path) -> Course:
    """The fake course in a git repository with one commit."""
    return fake.make_repository(tmp_path / "course")
