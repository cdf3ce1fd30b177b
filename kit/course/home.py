"""Where the course is on the web: its repository and the version there, from `chapters.toml`, and links into it.

    repository = "https://github.com/OWNER/REPO"
    version = "main"        a tag, a branch or a commit

A notebook that's opened alone fetches the rest from there (workshop/fetch.py).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from urllib.parse import quote

from kit.errors import KitError

GITHUB = "https://github.com/"
REPOSITORY = re.compile(r"https?://[\w.:-]+(/[\w.~-]+)+")
VERSION = re.compile(r"(?!.*(\.\.|//))\w[\w./+-]*(?<![./])")
BADGE = "https://colab.research.google.com/assets/colab-badge.svg", "https://github.com/codespaces/badge.svg"


@dataclass(frozen=True, slots=True)
class Home:
    """A repository's address and a version in it. Without an address, the course isn't on the web."""

    repository: str = ""
    version: str = "main"

    def raw(self, path: str) -> str:
        """Where a file of this version can be read."""
        return f"{self.repository}/raw/{self.version}/{path}"

    def badges(self, notebook: str) -> tuple[str, ...]:
        """Markdown for the badges that open a notebook of the repository in Colab, and the repository in Codespaces.

        Both know GitHub alone, so there are none for any other server.
        """
        if not self.repository.startswith(GITHUB):
            return ()
        name = self.repository.removeprefix(GITHUB)
        colab = f"https://colab.research.google.com/github/{name}/blob/{quote(self.version)}/{notebook}"
        codespace = f"https://codespaces.new/{name}?quickstart=1"  # of the default branch: a tag can't be committed to
        return (
            f"[![Open in Colab]({BADGE[0]})]({colab})",
            f"[![Open in GitHub Codespaces]({BADGE[1]})]({codespace})",
        )


NOWHERE = Home()


def checked(repository: str, version: str, where: str) -> Home:
    """The home with this address and version.

    Raises:
        KitError: one of them can't be part of a link.
    """
    if repository and (not REPOSITORY.fullmatch(repository) or repository.endswith(".git")):
        advice = "write it as in https://github.com/OWNER/REPO, without .git"
        raise KitError(f"{repository!r} isn't a repository's address", where, advice)
    if not VERSION.fullmatch(version):
        raise KitError(f"{version!r} isn't a version", where, "name a tag, a branch or a commit")
    return Home(repository, version)


def parse_home(text: str, where: str = "chapters.toml") -> Home:
    """The home that a syllabus names.

    Raises:
        KitError: it isn't TOML, or an address or a version isn't one.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KitError(f"this isn't TOML: {error}", where, "fix the line it names") from error
    return checked(str(found.get("repository", "")), str(found.get("version", "main")), where)


def with_home(text: str, home: Home) -> str:
    """A syllabus that names this home instead of its own. Comments and everything else stay as they are."""
    for key, value in (("version", home.version), ("repository", home.repository)):
        line = f'{key} = "{value}"'
        text, count = re.subn(rf"^{key} = [^\n]*$", line, text, count=1, flags=re.MULTILINE)
        if not count:
            text = f"{line}\n{text}"
    return text
