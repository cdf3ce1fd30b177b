"""A class of 30 over a term of fifteen weeks, as real git repositories, written so that who is stuck is known.

    seed --Term--> 30 forks (commits with real times and parents) --truth--> {name: exercise} at the end of a week

Two updates of the course come through merges (and, for one plain clone, by fast-forward), and each changes exercises
that are still blank. There are two weeks of holidays, dropouts, a late starter, cheaters, plain clones, wrong clocks.

The truth is the script, not a rule: a student is stuck on an exercise if they have failed at it in two sittings or
more, the last one included. A student who has gone on to other exercises isn't, nor is one who ran out of time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from benchmarks.make_pack import Builder, write_pack
from kit.course.chapter import Chapter, Exercise
from kit.course.course import Course
from kit.git.fast_import import Commit
from tests.support.forks import Files, pair

MONDAY = datetime(2025, 9, 1, tzinfo=UTC)
WEEKS = 15
HOLIDAY = (7, 8)  # weeks without work
UPDATES = {4: 1, 9: 2}  # the week in which the course gets to a new version
CHAPTERS = ("first", "second", "third", "fourth")
EACH = 6  # exercises in a chapter
FOR_EVER = 99

SYLLABUS = "\n".join(f'[[chapter]]\nslug = "{slug}"\ntitle = "The {slug}"\nminutes = 10\n' for slug in CHAPTERS)
EXERCISE = """# %% [markdown]
# ## Step {n}

# %%
{words}a{n} = {n} + 1  # blank: one more than {n}
b{n} = a{n} * 2  # blank: twice that
check("{id}")
#! hint: count
#! mistake: {n} - 1 -> that is one less
#! mistake 2: a{n} + 2 -> that adds two

# %% [markdown]
# - [ ] {id} Step {n}

"""


def make_course(root: Path, version: int) -> Course:
    """A course of four chapters; each version says more in the cells of every other exercise."""
    (root / "checkpoints").mkdir(parents=True)
    (root / "chapters.toml").write_text(SYLLABUS)
    for place, slug in enumerate(CHAPTERS):
        text = f"# %% [markdown]\n# # {place:02} The {slug}\n\n# %%\nfrom workshop import ____, check\n\n"
        for n in range(1, EACH + 1):
            words = "".join(f"# version {v} says more\n" for v in range(1, version + 1) if (n + place) % 2)
            text += EXERCISE.format(id=f"{place:02}.{n:02}", n=n, words=words)
        (root / "checkpoints" / f"ch{place:02}_{slug}.py").write_text(text)
    return Course(root)


def todo(course: Course) -> Files:
    """The files of a version, all blank."""
    return {path: data for chapter in course.chapters for path, data in pair(chapter).items()}


@dataclass
class Story:
    """How a student works.

    From `start` to `stop` (weeks), in `sittings` a week, `pace` exercises each. `blocked` gives, by its place in the
    course, how many sittings an exercise takes of which all but the last fail; `skips` after so many. `cut` is how
    often time runs out in the middle of one, `cut` squared how often that happens a second time;
    it never happens a third time.
    """

    name: str
    start: int = 1
    stop: int = WEEKS
    sittings: int = 2
    pace: int = 2
    blocked: dict[int, int] = field(default_factory=dict)
    skips: int = FOR_EVER
    cut: float = 0.12
    ticks: bool = True
    partly: bool = False  # leaves a blank in what fails
    updates: bool = True
    clock: int = 0  # days by which every third commit's time is wrong
    machines: int = 1
    wrong: float = 0.0  # how often an answer that the student believes in is wrong


@dataclass
class Snapshot:
    """The end of a week: the tip, what passes our check, what the student is stuck on."""

    tip: bytes
    right: frozenset[str]
    stuck: str


class Learner:
    """A student at work: what they have written, and the commits that say so."""

    def __init__(self, story: Story, versions: list[Course], course: Builder, random: Random) -> None:
        self.story, self.versions, self.random = story, versions, random
        self.version = 0
        self.builder = Builder(dict(course.files), course.tip, dict(course.objects), dict(course.versions))
        self.answers: dict[str, str] = {}
        self.ticked: set[str] = set()
        self.right: set[str] = set()
        self.failed: dict[str, int] = {}
        self.begun: dict[str, int] = {}
        self.at = 0
        self.stuck = ""
        self.count = 0
        self.weeks: dict[int, Snapshot] = {}

    def exercise(self, place: int) -> tuple[Chapter, Exercise]:
        chapter = self.versions[self.version].chapters[place // EACH]
        return chapter, chapter.exercises[place % EACH]

    def commit(self, when: datetime, chapters: Iterable[Chapter], merged: bytes = b"") -> None:
        self.count += 1
        files: Files = {}
        for chapter in chapters:
            done = {e.id: self.answers[e.id] for e in chapter.exercises if e.id in self.answers}
            files |= pair(chapter, done, sorted(self.ticked))
        if self.story.clock and self.count % 3 == 0:
            when += timedelta(days=self.story.clock)
        commit = Commit(when, f"work {self.count}", files, self.story.name)
        if self.story.machines > 1 and self.count % 4 == 0 and not merged:  # made on the other machine, then merged
            side = Builder(dict(self.builder.files), self.builder.tip, self.builder.objects, self.builder.versions)
            side.commit(commit)
            merged = side.tip
        self.builder.commit(commit, merged)

    def update(self, when: datetime, version: int, theirs: Builder) -> None:
        """What `scripts/update.py` does: one merge, their answers in the new cells."""
        self.version = version
        self.builder.objects.update(theirs.objects)
        self.commit(when, self.versions[version].chapters, theirs.tip)

    def sit(self, when: datetime) -> None:
        """One sitting; what comes of it is the story's, and chance's."""
        self.stuck = ""
        left = self.story.pace
        while left > 0 and self.at < len(CHAPTERS) * EACH:
            chapter, exercise = self.exercise(self.at)
            needed = self.story.blocked.get(self.at, 1)
            failed = self.failed.get(exercise.id, 0)
            if needed > 1 and failed + 1 < needed:
                self.failed[exercise.id] = failed + 1
                self.fail(when, chapter, exercise)
                if failed + 1 >= self.story.skips:
                    self.at += 1
                    left -= 1
                    continue
                self.stuck = exercise.id if failed + 1 >= 2 else ""
                return
            begun = self.begun.get(exercise.id, 0)
            if left == 1 and begun < 2 and self.random.random() < self.story.cut ** (begun + 1):
                self.begun[exercise.id] = begun + 1
                half = exercise.todo.replace("____", f"{self.at % EACH + 1} + 1", 1)
                self.answers[exercise.id] = f"# on evening {begun + 1}\n{half}"
                self.commit(when + timedelta(minutes=50), [chapter])
                return
            self.finish(when, chapter, exercise)
            when += timedelta(minutes=self.random.randint(10, 40))
            self.at += 1
            left -= 1

    def fail(self, when: datetime, chapter: Chapter, exercise: Exercise) -> None:
        """Try something, and something else."""
        for number in range(self.random.randint(1, 4)):
            mistake = self.random.choice(exercise.mistakes)
            wrong = exercise.with_answer(mistake.blank, mistake.expression)
            if self.story.partly:
                wrong = exercise.todo.replace("____", f"{self.random.random():.3f}", 1)
            self.answers[exercise.id] = f"# try {self.count}\n{wrong}"
            self.commit(when + timedelta(minutes=15 * number), [chapter])

    def finish(self, when: datetime, chapter: Chapter, exercise: Exercise) -> None:
        """Answer an exercise, rightly or in the belief that it's right."""
        mistaken = self.random.random() < self.story.wrong
        mistake = exercise.mistakes[0]
        code = exercise.with_answer(mistake.blank, mistake.expression) if mistaken else exercise.code
        self.answers[exercise.id] = f"# {self.story.name}\n{code}"
        if self.story.ticks:
            self.ticked.add(exercise.id)
        if not mistaken:
            self.right.add(exercise.id)
        self.commit(when, [chapter])

    def copy(self, when: datetime, answers: dict[str, str], right: Iterable[str]) -> None:
        """Hand in somebody else's answers, all at once."""
        self.answers |= answers
        self.ticked |= set(answers)
        self.right |= set(right)
        self.stuck = ""
        self.commit(when, self.versions[self.version].chapters)

    def end_week(self, week: int) -> None:
        """Note how things are."""
        self.weeks[week] = Snapshot(self.builder.tip, frozenset(self.right), self.stuck)


def stories(random: Random) -> list[Story]:
    """The class. Who gets blocked where is drawn; what kinds of students there are isn't."""

    def place() -> int:
        return random.randrange(3, 15)

    return [
        *(Story(f"steady-{n}", pace=random.choice([1, 1, 2])) for n in range(7)),
        Story("steady-without-ticks", ticks=False),
        Story("steady-who-errs", wrong=0.25, cut=0),
        Story("steady-on-two-machines", machines=2),
        Story("steady-clock-in-2100", clock=27000),
        *(Story(f"slow-{n}", pace=1, cut=0.6) for n in range(3)),
        Story("weekly", sittings=1, pace=3),
        Story("blocked-then-helped", blocked={place(): 5}),
        Story("blocked-twice", blocked={4: 4, 13: 5}),
        Story("blocked-to-the-end", blocked={place(): FOR_EVER}),
        Story("blocked-blank-left", blocked={place(): FOR_EVER}, partly=True),
        Story("blocked-clock-in-2100", blocked={place(): 6}, clock=27000),
        Story("blocked-gives-up", blocked={4: FOR_EVER}, stop=5),
        Story("blocked-skips-it", blocked={place(): FOR_EVER}, skips=3),
        Story("dropout-early", stop=2, pace=1, cut=0),
        Story("dropout-late", stop=random.choice([4, 5, 6]), pace=1, cut=0.5),
        Story("late-starter", start=10, sittings=4, pace=3, updates=False),
        Story("cheater-ours", start=12, stop=11),
        Story("cheater-a-fellow", start=13, stop=12),
        Story("clone", start=1, stop=0),
        Story("clone-that-pulls", start=1, stop=0),
        Story("starts-and-stops", sittings=1, pace=1, cut=0.5),
    ]


class Term:
    """The whole term, made in `folder`; `at(week)` points each fork to how it was at that week's end."""

    def __init__(self, folder: Path, seed: int) -> None:
        random = Random(seed)
        self.versions = [make_course(folder / f"course-{version}", version) for version in range(3)]
        self.folder = folder / f"forks-{seed}"
        course = Builder({}, b"")
        course.commit(Commit(MONDAY - timedelta(days=60), "A first sketch", self.sketch(filled=False), "course"))
        course.commit(Commit(MONDAY - timedelta(days=45), "Try it", self.sketch(filled=True), "course"))
        course.commit(Commit(MONDAY - timedelta(days=30), "The course", todo(self.versions[0]), "course"))
        self.learners = [
            Learner(story, self.versions, course, Random(f"{seed} {story.name}")) for story in stories(random)
        ]
        self.editions = {0: course}
        for week, version in UPDATES.items():
            last = self.editions[version - 1]
            new = Builder(dict(last.files), last.tip, dict(last.objects), dict(last.versions))
            files = todo(self.versions[version])
            new.commit(Commit(MONDAY + timedelta(weeks=week - 1), f"Version {version}", files, "course"))
            self.editions[version] = new
        for week in range(1, WEEKS + 1):
            self.week(week)
        for learner in self.learners:
            self.write(learner)

    def sketch(self, filled: bool) -> Files:
        """The course before it was one: cells with fewer blanks, or with our answers left in."""
        chapter = self.versions[0].chapters[0]
        done = (
            {e.id: e.code for e in chapter.exercises}
            if filled
            else {e.id: e.todo.replace("____", "1", 1) for e in chapter.exercises}
        )
        return todo(self.versions[0]) | pair(chapter, done)

    def week(self, week: int) -> None:
        """One week of everybody's."""
        version = max((v for w, v in UPDATES.items() if w <= week), default=0)
        start = MONDAY + timedelta(weeks=week - 1)
        by_name = {learner.story.name: learner for learner in self.learners}
        for learner in self.learners:
            story = learner.story
            works = story.start <= week <= story.stop and week not in HOLIDAY
            days = sorted(learner.random.sample(range(6), story.sittings))
            for number, day in enumerate(days):
                when = start + timedelta(days=day, hours=learner.random.choice([9, 15, 19, 22]), minutes=30)
                if works and number == 0 and story.updates and learner.version < version:
                    learner.update(when - timedelta(minutes=20), version, self.editions[version])
                if works:
                    learner.sit(when)
            evening = start + timedelta(days=5, hours=20)
            if story.name == "cheater-ours" and week in (3, 6):
                chapter = self.versions[0].chapters[week // 3 - 1]
                learner.copy(evening, {e.id: e.code for e in chapter.exercises}, [e.id for e in chapter.exercises])
            if story.name == "cheater-a-fellow" and week in (5, 10):
                fellow = by_name["steady-0"]
                learner.copy(evening, fellow.answers, fellow.right)
            if story.name == "clone-that-pulls" and learner.version < version:
                new = self.editions[version]
                learner.builder = Builder(dict(new.files), new.tip, dict(new.objects), dict(new.versions))
                learner.version = version
            learner.end_week(week)

    def write(self, learner: Learner) -> None:
        """A fork as a bare repository."""
        folder = self.folder / f"{learner.story.name}.git"
        for name in ("objects/pack", "refs/heads"):
            (folder / name).mkdir(parents=True)
        (folder / "HEAD").write_text("ref: refs/heads/main\n")
        (folder / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
        write_pack(folder / "objects" / "pack", learner.builder.objects, learner.builder.versions.values())

    def at(self, week: int) -> dict[str, Snapshot]:
        """Point the forks to a week's end; what is known about each."""
        for learner in self.learners:
            main = self.folder / f"{learner.story.name}.git" / "refs" / "heads" / "main"
            main.write_text(f"{learner.weeks[week].tip.hex()}\n")
        return {learner.story.name: learner.weeks[week] for learner in self.learners}
