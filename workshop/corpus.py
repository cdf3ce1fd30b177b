"""The text that the model learns from, as chapters ask for it."""

from kit.course.corpus import shakespeare

__all__ = ["shakespeare"]
