"""A made-up class for the tests of reports."""

from __future__ import annotations

import pytest

from benchmarks.page import made_up
from kit.course.course import Course
from kit.course.outline import outline_of
from kit.forks.cohort import Cohort


@pytest.fixture
def cohort(course: Course) -> Cohort:
    """Thirty students, verified, with their histories."""
    return made_up([outline_of(chapter) for chapter in course.chapters], 30)
