"""Making a language's folder, and bringing its catalogues up to date with the English texts."""

from __future__ import annotations

from collections.abc import Iterator

from kit import files
from kit.course.course import Course
from kit.errors import KitError
from kit.translation.catalogue import Changes, merged, parse, path_of, to_bytes
from kit.translation.domain import Domain, domains
from kit.translation.language import CODE, FOLDER, GLOSSARY, SETTINGS, Language, read_language

WITHOUT_SPACES = ("ja", "zh", "yue", "th", "lo", "km", "my", "bo")
NEW_SETTINGS = """# docs/translators.md says what these are.
name = "{code}"  # what the language calls itself
complete = false  # with true, the build accepts no gaps
wrap = {wrap}  # whether there are spaces between words, so that a paragraph can have several lines
minutes = "{{}} min"  # how long a section takes

[units]  # words that multiply the number before them, such as "万" = 10000
"""
NEW_GLOSSARY = """# How the field's terms are said in this language, what stays English, and the tone.
tone = ""
keep = ["GPT", "PyTorch"]

[terms]
"""


def start_language(course: Course, code: str) -> Language:
    """The language with this code; if it's new, its folder is made, with settings to fill in.

    Raises:
        KitError: that's no code of a language, or the folder can't be written or read.
    """
    if not CODE.fullmatch(code) or code == "en":
        raise KitError(f"{code!r} isn't a language's code", "", "give one such as ja, pt-BR or zh")
    folder = course.root / FOLDER / code
    wrap = "false" if code.split("-")[0] in WITHOUT_SPACES else "true"
    for name, text in ((SETTINGS, NEW_SETTINGS.format(code=code, wrap=wrap)), (GLOSSARY, NEW_GLOSSARY)):
        if files.read(folder / name, course.root) is None:
            files.write(folder / name, text.encode(), course.root, expected=None)
    return read_language(course.root, code)


def update(course: Course, language: Language) -> Iterator[tuple[Domain, Changes]]:
    """Bring each catalogue up to date, and say what has changed.

    Raises:
        KitError: a catalogue can't be read or written.
    """
    for domain in domains(course):
        path = path_of(course.root, language.code, domain.name)
        before = files.read(path, course.root)
        new, changes = merged(parse(before, files.shown(path, course.root)), domain.entries, language)
        files.write(path, to_bytes(new), course.root, expected=before)
        yield domain, changes
