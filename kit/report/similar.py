"""Which students' answers are alike in ways that the class's aren't: with evidence, and never an accusation.

    Cohort with cells, ours --find_similar--> Similarity: pairs with what they share --to_similar--> Markdown

Two students share something if an answer of theirs has the same structure, or the same comment in the same exercise,
and it isn't the course's own. How likely is that if they don't know of each other's work?

- The other student writes the same with a probability of p = (k - 1) / (n - 1), if k of n have it. Somebody who copies
  half of their answers does so with (1 + p) / 2. The ratio of the two, in bits, is what a shared answer says: 4 bits
  for one that only two of 30 have, none for one that all have. An answer that differs says -1.
- Short answers are alike by themselves. So a structure says at most `BITS_A_TOKEN` for each token that isn't in the
  todo, however rare it is.
- A chapter is copied or not, and the chance is one in `CHAPTERS`. So what differs in one chapter doesn't hide what's
  shared in another.
- With fewer than `FEW` answers to an exercise nothing is rare, and it says nothing.

A pair is named from `LEAST` exercises on if this adds up to log2(pairs) + `MARGIN` bits. If nobody copies, and answers
to different exercises have nothing to do with each other, that happens in one of 2 ** `MARGIN` classes. Habits make it
more.
"""

from __future__ import annotations

import builtins
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from kit.course.outline import Outline
from kit.forks.cohort import Cohort
from kit.report.markdown import escape
from kit.report.structure import Structure, structure_of
from kit.text import plural, visible

FEW = 5
BITS_A_TOKEN = 0.25
LEAST = 3
MARGIN = 7.0
CHAPTERS = 8
COMMENT_WORDS = 4  # a shorter comment says nothing
MOST_SHARING = 0.25  # of the students: what more of them have is common, and says nothing
MOST_PAIRS = 30
MOST_SHOWN = 6  # exercises of a pair
LONGEST = 1500  # characters of a cell that's shown
SEAM = "\x1e\n"  # between an exercise's cell and those that lend it something, which come first


@dataclass(frozen=True, slots=True)
class Shared:
    """What two students share in one exercise: a structure, or a comment. `others` is how many more have it, of `n`."""

    exercise_id: str
    comment: str
    bits: float
    others: int
    n: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two students, by their places in the cohort, and what they share, the rarest first."""

    first: int
    second: int
    bits: float
    shared: tuple[Shared, ...]


@dataclass(frozen=True, slots=True)
class Similarity:
    """The pairs to look at; how many exercises were compared; how many bits a pair needs to be named."""

    pairs: tuple[Pair, ...]
    compared: int
    enough: float


Ours = Mapping[str, Collection[str]]  # by exercise, every cell that the course itself has for it


def own_cell(source: str) -> str:
    """The exercise's cell, without those that lend it something."""
    return source.split(SEAM)[-1]


def structures(sources: Iterable[str], known: Collection[str]) -> list[Structure]:
    """The structures of cells, without those that are no Python."""
    return [found for source in sources if (found := structure_of(own_cell(source), known))]


def added(tokens: Sequence[str], given: Sequence[str]) -> int:
    """How many of an answer's tokens aren't in the todo, which everybody starts from."""
    return (Counter(tokens) - Counter(given)).total()


def find_similar(cohort: Cohort, ours: Ours, todos: Mapping[str, str]) -> Similarity:
    """The pairs of students who share what the class doesn't. Reads their cells as text."""
    exercises: list[ExerciseAnswers] = []
    for outline in cohort.outlines:
        for exercise_id in outline.required:
            known = names_in(outline, exercise_id)
            answers = answers_of(cohort, exercise_id, structures(ours.get(exercise_id, ()), known), known)
            if len(answers.written) >= FEW:
                given = structure_of(todos.get(exercise_id, ""), known)
                exercises.append(answers)
                answers.given = given.tokens if given else ()
    shared: dict[tuple[int, int], list[Shared]] = defaultdict(list)
    for exercise in exercises:
        for pair, each in exercise.shared():
            shared[pair].append(each)
    students = len(cohort.forks)
    enough = math.log2(max(2, students * (students - 1) // 2)) + MARGIN
    named = []
    for (first, second), found in shared.items():
        if len({each.exercise_id for each in found}) >= LEAST:
            bits = sum_of_bits(found, exercises, first, second)
            if bits >= enough:
                rarest = sorted(found, key=lambda each: (-each.bits, each.exercise_id, each.comment))
                named.append(Pair(first, second, bits, tuple(rarest)))
    named.sort(key=lambda pair: (-pair.bits, pair.first, pair.second))
    return Similarity(tuple(named[:MOST_PAIRS]), len(exercises), enough)


@dataclass(slots=True)
class ExerciseAnswers:
    """The answers to one exercise by student: their structures, and their comments. `own` are the course's."""

    exercise_id: str
    written: dict[int, frozenset[tuple[str, ...]]]
    remarks: dict[int, frozenset[str]]
    own: frozenset[tuple[str, ...]]
    given: tuple[str, ...] = ()

    def shared(self) -> Iterator[tuple[tuple[int, int], Shared]]:
        """What pairs of students share that's rare."""
        n = len(self.written)
        for kind, found in (("structure", self.written), ("comment", self.remarks)):
            have: dict[tuple[str, ...] | str, list[int]] = defaultdict(list)
            for place, values in found.items():
                for value in values:
                    have[value].append(place)
            for value, places in have.items():
                k = len(places)
                if k < 2 or k > max(2, MOST_SHARING * n) or value in self.own:
                    continue
                share = (k - 1) / (n - 1)
                bits = math.log2((1 + share) / (2 * share))
                if kind == "structure":
                    bits = min(bits, BITS_A_TOKEN * added(value, self.given))
                each = Shared(self.exercise_id, value if isinstance(value, str) else "", bits, k - 2, n)
                for pair in combinations(sorted(places), 2):
                    yield pair, each

    def differs(self, first: int, second: int) -> bool:
        """Whether two students have both answered it, each in another way."""
        one, two = self.written.get(first), self.written.get(second)
        return one is not None and two is not None and not one & two


def answers_of(cohort: Cohort, exercise_id: str, own: Sequence[Structure], known: Collection[str]) -> ExerciseAnswers:
    """The answers to one exercise."""
    said = {text for each in own for text in each.comments}
    written: dict[int, frozenset[tuple[str, ...]]] = {}
    remarks: dict[int, frozenset[str]] = {}
    for place, cells in enumerate(cohort.cells):
        found = structures(cells.get(exercise_id, ()), known)
        texts = {text for each in found for text in each.comments if len(text.split()) >= COMMENT_WORDS}
        if found:
            written[place] = frozenset(each.tokens for each in found)
            remarks[place] = frozenset(texts - said)
    return ExerciseAnswers(exercise_id, written, remarks, frozenset(each.tokens for each in own))


def sum_of_bits(shared: Sequence[Shared], exercises: Sequence[ExerciseAnswers], first: int, second: int) -> float:
    """What everything says about two students, chapter by chapter."""
    chapters: dict[str, float] = defaultdict(float)
    for each in shared:
        chapters[each.exercise_id[:2]] += each.bits
    for exercise in exercises:
        chapter = exercise.exercise_id[:2]
        if chapter in chapters and exercise.differs(first, second):
            chapters[chapter] -= 1
    return sum(math.log2((CHAPTERS - 1 + 2 ** min(bits, 900)) / CHAPTERS) for bits in chapters.values())


def names_in(outline: Outline, exercise_id: str) -> frozenset[str]:
    """The names that everybody has in an exercise: those of the course, and those of Python."""
    return outline.known(exercise_id) | frozenset(dir(builtins))


def to_similar(cohort: Cohort, found: Similarity) -> str:
    """The pairs as Markdown, each with what they share and both cells."""
    lines = [
        "# Answers that are alike",
        "",
        "This isn't an accusation. Students who work together, have the same tutor or find the same page write alike.",
        f"Talk to them before you conclude anything. {plural(found.compared, 'exercise')} compared; the course's own",
        "answers don't count, and short answers count little.",
        "",
        f"A pair is named at {found.enough:.0f} bits. If nobody copies, that happens in one class in {2**MARGIN:.0f};",
        "in more, if students have strong habits.",
    ]
    if not found.pairs:
        lines += ["", "No two students share that much."]
    for pair in found.pairs:
        names = [cohort.forks[place].name for place in (pair.first, pair.second)]
        exercises = list(dict.fromkeys(each.exercise_id for each in pair.shared))
        lines += ["", f"## {escape(names[0])} and {escape(names[1])}: {pair.bits:.1f} bits, {len(exercises)} exercises"]
        for exercise_id in exercises[:MOST_SHOWN]:
            lines += evidence(cohort, pair, exercise_id, names)
        if len(exercises) > MOST_SHOWN:
            lines += ["", f"And in {', '.join(exercises[MOST_SHOWN:])}."]
    return "\n".join(lines) + "\n"


def evidence(cohort: Cohort, pair: Pair, exercise_id: str, names: Sequence[str]) -> Iterator[str]:
    """What two students share in one exercise, and both cells."""
    yield from ("", f"### {exercise_id}", "")
    for each in pair.shared:
        if each.exercise_id == exercise_id:
            what = f'the comment "{escape(each.comment)}"' if each.comment else "the same structure"
            yield f"- {what}: {each.bits:.1f} bits; {each.others} others of {each.n} have it"
    for place, name in zip((pair.first, pair.second), names, strict=True):
        yield from ("", f"{escape(name)}:", "")
        for source in cohort.cells[place].get(exercise_id, ())[:1]:
            cell = visible(own_cell(source))[:LONGEST].rstrip("\n")
            yield from (f"    {line}" for line in cell.split("\n"))
