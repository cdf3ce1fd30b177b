"""Addresses of repositories: which are safe to fetch, and how to show them.

"https://token@host/owner/repo.git"  ->  Address(url="https://host/owner/repo.git", secret="token")
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kit.text import label

SCHEMES = ("https", "http", "ssh", "git")
URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)", re.DOTALL)
HELPER = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*::")
SCP = re.compile(r"(?P<host>(?:[\w.-]+@)?[\w.-]+):(?P<path>(?!//)[^\s]+)")
USERINFO = re.compile(r"(?<=://)[^/\s@'\"]*(?:@[^/\s@'\"]*)*@")
QUERY_SECRET = re.compile(r"(?i)([?&][\w-]*(?:token|key|secret|password|auth)[\w-]*=)[^&\s'\"]+")
TOKEN = re.compile(r"\b(?:gh[a-z]_|github_pat_|glpat-|gldt-|ATBB|hf_)[A-Za-z0-9_-]{8,}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where to fetch a repository from. `url` contains no secret; `user` and `secret` are never shown."""

    url: str
    user: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """`owner/repo`, the end of the address."""
        path = re.sub(r"(?:/|\.git)+$", "", re.split(r"[?#]", self.url)[0])
        return label("/".join(re.split(r"[/:]+", path)[-2:]))


def redact(text: str, *secrets: str) -> str:
    """The text without anything that may be a credential: user parts of URLs, tokens of known forms, and `secrets`."""
    for secret in secrets:
        if len(secret) > 3:
            text = text.replace(secret, "***")
    text = USERINFO.sub("", text)
    return TOKEN.sub("***", QUERY_SECRET.sub(r"\1***", text))


def looks_remote(word: str) -> bool:
    """Whether a word is meant as an address rather than a path."""
    return bool(URL.match(word) or HELPER.match(word) or (SCP.fullmatch(word) and "/" not in word.split(":")[0]))


def refusal(word: str) -> str:
    """Why an address mustn't be given to git; empty if it's fine."""
    if word.startswith("-"):
        return "the address starts with a dash, so git would take it for an option"
    if any(ord(c) < 33 or ord(c) == 127 for c in word):
        return "the address has spaces or control characters in it"
    if HELPER.match(word):
        return f"`{word.split('::')[0]}::` runs a program; only https, http, ssh and git addresses are allowed"
    url = URL.match(word)
    if url is None:
        scp = SCP.fullmatch(word)
        if scp is None:
            return "this isn't the address of a repository; only https, http, ssh and git addresses are allowed"
        dash = scp["host"].startswith("-") or scp["path"].startswith("-")
        return "the address has a dash where a host or path should start" if dash else ""
    if url["scheme"].lower() not in SCHEMES:
        return f"`{url['scheme']}://` isn't allowed; only https, http, ssh and git addresses are"
    host = url["rest"].split("/")[0].rpartition("@")[2]
    return "the address names no host" if not host or host.startswith("-") else ""


def parse_address(word: str) -> Address:
    """The address in a word that `refusal` accepts, with user and token taken off."""
    from urllib.parse import unquote  # 10 ms, and only needed here

    url = URL.match(word)
    if url is None or url["scheme"].lower() not in ("https", "http"):
        return Address(word)
    host, slash, path = url["rest"].partition("/")
    userinfo, _, host = host.rpartition("@")
    user, _, password = userinfo.partition(":")
    return Address(f"{url['scheme'].lower()}://{host}{slash}{path}", unquote(user), unquote(password))
