"""What a chapter imports: the blank, the three verbs of an exercise, the text, the figures.

from workshop import ____, check, corpus, draw, hint, solution
"""

from workshop import corpus, draw
from workshop.blank import ____
from workshop.lesson import check, hint, solution

__all__ = ["____", "check", "corpus", "draw", "hint", "solution"]
