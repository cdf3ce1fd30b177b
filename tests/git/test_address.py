from __future__ import annotations

import pytest

from kit.git.address import Address, looks_remote, parse_address, redact, refusal

TOKEN = "ghp_0123456789abcdefghij"


@pytest.mark.parametrize(
    "word",
    [
        "https://host/owner/repo.git",
        "http://127.0.0.1:8000/a.git",
        "ssh://git@host/owner/repo",
        "git@host:owner/repo.git",
        "git://host/repo",
        f"https://{TOKEN}@host/owner/repo",
    ],
)
def test_fetched(word: str) -> None:
    assert refusal(word) == ""
    assert looks_remote(word)


@pytest.mark.parametrize(
    "word",
    [
        "ext::sh -c touch% /tmp/x",
        "ext::sh",
        "fd::17",
        "file:///etc",
        "FILE:///etc",
        "ftp://host/repo",
        "-oProxyCommand=touch",
        "--upload-pack=touch x",
        "ssh://-oProxyCommand=x/repo",
        "https://user@-oProxyCommand/repo",
        "git@host:-x",
        "https:///no-host",
        "https://host/a b",
        "https://host/a\nb",
        "/home/somebody/clone",
        "../clone",
        "",
    ],
)
def test_refused(word: str) -> None:
    assert refusal(word) != ""


@pytest.mark.parametrize(
    ("word", "address", "name"),
    [
        ("https://host/owner/repo.git", Address("https://host/owner/repo.git"), "owner/repo"),
        (f"https://{TOKEN}@host/o/r", Address("https://host/o/r", TOKEN), "o/r"),
        (f"HTTPS://me:{TOKEN}@host:8/o/r/", Address("https://host:8/o/r/", "me", TOKEN), "o/r"),
        ("https://me:a%40b@host/o/r", Address("https://host/o/r", "me", "a@b"), "o/r"),
        ("git@host:owner/repo.git", Address("git@host:owner/repo.git"), "owner/repo"),
    ],
)
def test_parsed(word: str, address: Address, name: str) -> None:
    assert parse_address(word) == address
    assert parse_address(word).name == name


def test_a_secret_is_in_no_representation() -> None:
    assert TOKEN not in repr(parse_address(f"https://me:{TOKEN}@host/o/r"))
    assert TOKEN not in repr(parse_address(f"https://{TOKEN}@host/o/r"))


@pytest.mark.parametrize(
    "text",
    [
        f"fatal: https://{TOKEN}@host/o/r not found",
        f"fatal: 'https://me:{TOKEN}@host/o/r' x",
        f"https://me:p@{TOKEN}@host/",
        f"https://host/o/r?access_token={TOKEN}&x=1",
        f"password was {TOKEN}",
        "https://host/r?private-token=s3cr3t",
        "the word is s3cr3t",
    ],
)
def test_redacted(text: str) -> None:
    clean = redact(text, "s3cr3t")
    assert TOKEN not in clean
    assert "s3cr3t" not in clean


def test_a_path_is_no_address() -> None:
    assert not looks_remote("clones")
    assert not looks_remote("./a/b:c")
    assert not looks_remote("roster.csv")
