"""The texts that the model learns from, for chapters to import."""

from kit.course.corpus import shakespeare
from kit.course.dialogues import dialogues

__all__ = ["dialogues", "shakespeare"]
