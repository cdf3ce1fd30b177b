"""Links to what was read, on the server that a fork came from; no link where it would be a guess.

"https://host/owner/repo.git", commit, path, line  ->  "https://host/owner/repo/blob/<commit>/<path>#L12"
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?")
PATH = re.compile(r"(?:/[A-Za-z0-9._~%+-]+){2,}")
# By a word in the host's name: how the address continues for a commit, for a file at a commit, and for a line.
SERVERS = {
    "github": ("commit", "blob", "L"),
    "gitlab": ("-/commit", "-/blob", "L"),
    "bitbucket": ("commits", "src", "lines-"),
    "codeberg": ("commit", "src/commit", "L"),
    "gitea": ("commit", "src/commit", "L"),
    "forgejo": ("commit", "src/commit", "L"),
}


def home(source: str) -> str:
    """The address of a repository's page; empty for anything but a plain https or http address."""
    try:
        parts = urlsplit(source)
    except ValueError:
        return ""
    path = re.sub(r"(?:/|\.git)+$", "", parts.path)
    is_plain = parts.scheme in ("https", "http") and HOST.fullmatch(parts.netloc) and PATH.fullmatch(path)
    if not is_plain or any(piece in (".", "..") for piece in path.split("/")):
        return ""
    return f"{parts.scheme}://{parts.netloc}{path}"


def server(source: str) -> tuple[str, str, str] | None:
    """How a known kind of server addresses commits, files and lines."""
    host = urlsplit(source).netloc.lower() if home(source) else ""
    return next((places for word, places in SERVERS.items() if word in host), None)


def commit_link(source: str, oid: str) -> str:
    """The address of a commit's page, or an empty string. An unknown kind of server is assumed to be like most."""
    page = home(source)
    if not page or not OID.fullmatch(oid):
        return ""
    return f"{page}/{(server(source) or ('commit',))[0]}/{oid}"


def file_link(source: str, oid: str, path: str, line: int = 0) -> str:
    """The address of a file at a commit, with the line unless that's 0; or an empty string."""
    places = server(source)
    if not places or not OID.fullmatch(oid) or not path or path.startswith("/") or ".." in path.split("/"):
        return ""
    return f"{home(source)}/{places[1]}/{oid}/{quote(path)}" + (f"#{places[2]}{line}" if line > 0 else "")
