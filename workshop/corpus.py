"""The text the model learns from, for chapters to import."""

from kit.course.corpus import shakespeare

__all__ = ["shakespeare"]
