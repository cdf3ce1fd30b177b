from __future__ import annotations

import gzip
import html
import zipfile
from pathlib import Path

import pytest

from kit.course.course import Course
from kit.errors import KitError
from kit.forks.cohort import read_cohort
from kit.forks.records import Origin
from kit.git.address import Address
from kit.report.formats import RENDERERS
from kit.report.options import RenderOptions
from kit.sources.roster import Student, parse_roster, read_roster
from kit.sources.words import find_forks, natural_order
from tests.support import fake_course
from tests.support.forks import make_fork

TOKEN = "ghp_0123456789abcdefghij"


@pytest.fixture
def clones(tmp_path: Path, course: Course) -> Path:
    """A folder with two bare repositories, a folder that isn't one, a file, and a hidden folder."""
    folder = tmp_path / "clones"
    for name in ("student-10.git", "student-2.git"):
        make_fork(folder / name, course)
    (folder / "notes").mkdir()
    (folder / ".cache").mkdir()
    (folder / "list.txt").write_text("x")
    return folder


def roster(tmp_path: Path, text: str) -> str:
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_folder_of_clones(clones: Path) -> None:
    found = find_forks([str(clones)])
    assert [origin.name for origin in found] == ["notes", "student-2", "student-10"]
    assert [origin.trouble.status if origin.trouble else "" for origin in found] == ["unreadable", "", ""]
    assert [origin.path for origin in found[1:]] == [clones / "student-2.git", clones / "student-10.git"]


def test_one_repository(clones: Path, tmp_path: Path) -> None:
    (bare,) = find_forks([str(clones / "student-2.git")])
    assert (bare.name, bare.path) == ("student-2", clones / "student-2.git")
    fake_course.git(tmp_path, "clone", "-q", str(clones / "student-2.git"), "mine")
    (clone,) = find_forks([str(tmp_path / "mine")])
    assert (clone.name, clone.path) == ("mine", tmp_path / "mine")


def test_here(clones: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clones / "student-2.git")
    assert find_forks(["."])[0].name == "student-2"


def test_each_once(clones: Path) -> None:
    assert len(find_forks([str(clones), str(clones / "student-2.git"), f"{clones}/../clones"])) == 3


def test_an_address() -> None:
    (origin,) = find_forks([f"https://{TOKEN}@host/student-01/workshop.git"])
    assert origin.name == "student-01/workshop"
    assert origin.shown == "https://host/student-01/workshop.git"
    assert origin.address
    assert (origin.address.url, origin.address.user) == (origin.shown, TOKEN)


def test_a_roster(tmp_path: Path) -> None:
    text = (
        "group,Name,URL,branch\nblue,student-01,https://host/a/w.git,work\n\nred,,git@host:b/w.git,\n ,student-03,,\n"
    )
    found = find_forks([roster(tmp_path, text)])
    assert [origin.name for origin in found] == ["student-01", "b/w", "student-03"]
    assert [origin.branch for origin in found] == ["work", "", ""]
    assert [dict(origin.extra) for origin in found] == [{"group": "blue"}, {"group": "red"}, {"group": ""}]
    assert [origin.address.url if origin.address else "" for origin in found] == [
        "https://host/a/w.git",
        "git@host:b/w.git",
        "",
    ]
    assert found[2].trouble
    assert found[2].trouble.status == "missing"


@pytest.mark.parametrize(
    "url", ["ext::sh -c id", "file:///etc", "-oProxyCommand=x", "--upload-pack=x", "/etc", "../a", "ftp://h/x"]
)
def test_what_a_roster_may_not_name(tmp_path: Path, url: str) -> None:
    (origin,) = find_forks([roster(tmp_path, f"name,url\nstudent-01,{url}\n")])
    assert origin.trouble
    assert origin.trouble.status == "refused"
    assert origin.address is None
    assert origin.path is None


def test_roster_and_folder_are_joined_by_name(clones: Path, tmp_path: Path) -> None:
    text = "name,url,story\nSTUDENT-2,https://host/x/y,late\nstudent-3,,lost\nstudent-4,ext::x,odd\n"
    found = {origin.name: origin for origin in find_forks([str(clones), roster(tmp_path, text)])}
    assert list(found) == ["notes", "STUDENT-2", "student-10", "student-3", "student-4"]
    assert dict(found["STUDENT-2"].extra) == {"story": "late"}
    assert (found["STUDENT-2"].address, found["STUDENT-2"].note) == (None, "")
    assert found["student-10"].note == "not in the roster"
    assert [found[name].trouble.status for name in ("student-3", "student-4")] == ["missing", "refused"]  # type: ignore[union-attr]


def test_two_rows_of_one_name_are_two_rows(tmp_path: Path) -> None:
    found = find_forks([roster(tmp_path, "name,url\na,https://h/1\na,https://h/2\na,https://h/1\n")])
    assert [origin.shown for origin in found] == ["https://h/1", "https://h/2"]


def test_names_are_stripped_and_tokens_redacted(tmp_path: Path) -> None:
    (origin,) = find_forks(
        [roster(tmp_path, f"name,url,n\x1b[1mote\n\x1b[31mred\x1b[0m,https://me:{TOKEN}@h/r,\x1b]0;x\x07y\n")]
    )
    assert origin.name == "red"
    assert dict(origin.extra) == {"note": "y"}
    assert TOKEN not in repr(origin)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_rosters_as_spreadsheets_save_them(delimiter: str, encoding: str) -> None:
    text = "name,url,group\r\nZoë,https://h/r,blue\r\n".replace(",", delimiter)
    assert parse_roster(text.encode(encoding), "x") == (Student("Zoë", "https://h/r", "", {"group": "blue"}),)


def test_rows_of_odd_length() -> None:
    assert parse_roster(b"name,url,\nshort\nlong,https://h/r,x,y,z\n,,\n", "x") == (
        Student("short", ""),
        Student("long", "https://h/r"),
    )


@pytest.mark.parametrize(
    "text", ["", "\n", "who,where\na,b\n", "name\na\n", "url\nb\n", 'name,url\n"' + "x" * 200_000 + "\n"]
)
def test_unusable_rosters(tmp_path: Path, text: str) -> None:
    with pytest.raises(KitError):
        find_forks([roster(tmp_path, text)])


def test_a_roster_of_nobody(tmp_path: Path) -> None:
    with pytest.raises(KitError):
        find_forks([roster(tmp_path, "name,url\n")])


def test_a_roster_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(KitError):
        read_roster(tmp_path)


@pytest.mark.parametrize(
    "word", ["-x", "--output", "nowhere", "ext::sh -c id", "file:///etc", "ftp://h/x", f"file://{TOKEN}@h/x"]
)
def test_unusable_words(word: str) -> None:
    with pytest.raises(KitError) as caught:
        find_forks([word])
    assert TOKEN not in str(caught.value)


def test_a_folder_without_repositories(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(KitError):
        find_forks([str(tmp_path)])


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(KitError):
        find_forks([str(tmp_path)])


def test_clones_with_a_work_tree(tmp_path: Path, repository: Course) -> None:
    fake_course.git(tmp_path, "clone", "-q", str(repository.root), "all/student-01")
    assert [origin.name for origin in find_forks([str(tmp_path / "all")])] == ["student-01"]


def test_natural_order() -> None:
    assert sorted(["s10", "s9", "a", "S1", "1"], key=natural_order) == ["1", "a", "S1", "s9", "s10"]


def listed_fork(login: str, url: str = "") -> Origin:
    """A fork as it's listed."""
    return Origin(login, url or login, address=Address(url or f"https://h/{login}/course.git"), login=login)


def joined(tmp_path: Path, text: str, *forks: Origin) -> dict[str, tuple[str, str]]:
    """What a list and a roster give: by name, the address and the trouble or note."""
    found = find_forks(["github:o/r", roster(tmp_path, text)], lambda word: list(forks))
    return {
        one.name: (one.address.url if one.address else "", one.trouble.status if one.trouble else one.note)
        for one in found
    }


def test_a_list_and_a_roster_are_joined_by_login(tmp_path: Path) -> None:
    text = "name,login,url\nstudent-01,ANN,\nstudent-02,@bo,\nstudent-03,https://h/cy,\nstudent-04,,\n"
    assert joined(tmp_path, text, *map(listed_fork, ("ann", "bo", "cy", "dee"))) == {
        "student-01": ("https://h/ann/course.git", ""),
        "student-02": ("https://h/bo/course.git", ""),
        "student-03": ("https://h/cy/course.git", ""),
        "dee": ("https://h/dee/course.git", "not in the roster"),
        "student-04": ("", "missing"),
    }


def test_a_rosters_address_stands_above_a_list(tmp_path: Path) -> None:
    text = "name,login,url\nstudent-01,ann,https://h/ann/course\nstudent-02,bo,https://elsewhere/x\n"
    assert joined(tmp_path, text, listed_fork("ann"), listed_fork("bo")) == {
        "student-01": ("https://h/ann/course.git", ""),
        "bo": ("https://h/bo/course.git", "not in the roster"),
        "student-02": ("https://elsewhere/x", ""),
    }


def test_clones_named_by_a_classroom_are_joined_by_login(tmp_path: Path, course: Course) -> None:
    for name in ("gpt-ann", "gpt-joe-ann", "gpt-bo", "zoe"):
        make_fork(tmp_path / "clones" / f"{name}.git", course)
    text = "name,login\nstudent-01,ann\nstudent-02,joe-ann\nstudent-03,zoe\nstudent-04,gpt\n"
    found = find_forks([str(tmp_path / "clones"), roster(tmp_path, text + "student-05,x\n")])
    notes = {one.name: one.note or (one.trouble.status if one.trouble else "") for one in found}
    assert notes == {
        "student-01": "",
        "student-02": "",
        "student-03": "",
        "gpt-bo": "not in the roster",
        "student-04": "missing",
        "student-05": "missing",
    }


def test_a_list_is_asked_for_by_word_only(tmp_path: Path) -> None:
    asked: list[str] = []

    def ask(word: str) -> list[Origin]:
        asked.append(word)
        return [listed_fork(word.rpartition("/")[2])]

    found = find_forks(["github:o/a", "https://h/x/y", "github-org:o/b", "github:o/a"], ask)
    assert asked == ["github:o/a", "github-org:o/b", "github:o/a"]
    assert [one.name for one in found] == ["a", "x/y", "b"]
    (row,) = find_forks([roster(tmp_path, "name,url\nstudent-01,github:o/a\n")], ask)  # an alias of ssh's there
    assert row.address
    assert len(asked) == 3
    with pytest.raises(KitError):
        find_forks(["github:o/a"])


CLASSROOM = b'"identifier","github_username","github_id","name"\n"student-01","ann","7","Ann"\n"student-02","","",""\n'
GRADES = (
    b"assignment_name,assignment_url,starter_code_url,github_username,roster_identifier,student_repository_name,"
    b"student_repository_url,submission_timestamp,points_awarded,points_available\n"
    b"gpt,u,s,ann,student-01,gpt-ann,https://h/class/gpt-ann,2026-03-02T18:00:00Z,80,100\n"
    b"gpt,u,s,bo,,gpt-bo,https://h/class/gpt-bo,,0,0\n"
)
GITLAB = b"Name,Username,Email,Path,Group or project name,Type,Role\nstudent-01,ann,a@example.org,p,P,Group,Developer\n"
MOODLE = b"First name,Surname,ID number,Email address,GitHub username\nstudent,01,17,a@example.org,ann\n"
MOODLE_NOW = b"First name,Last name,ID number,url\nstudent,01,17,https://h/r\n"
CANVAS = (
    b"Student,ID,SIS User ID,SIS Login ID,Section,github_username\n"
    b"    Points Possible,,,,,\n"
    b'"01, student",5,,jdoe,A,ann\n'
)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (CLASSROOM, [("student-01", "", "ann"), ("student-02", "", "")]),
        (GRADES, [("student-01", "https://h/class/gpt-ann", "ann"), ("bo", "https://h/class/gpt-bo", "bo")]),
        (GITLAB, [("student-01", "", "ann")]),
        (MOODLE, [("student 01", "", "ann")]),
        (MOODLE_NOW, [("student 01", "https://h/r", "")]),
        (CANVAS, [("01, student", "", "ann")]),
        (b"login\nann\n", [("ann", "", "ann")]),
        (b"name;login\nx;not a login\n", [("x", "", "")]),
    ],
)
def test_exports_of_classroom_tools(data: bytes, expected: list[tuple[str, str, str]]) -> None:
    assert [(one.name, one.url, one.login) for one in parse_roster(data, "x")] == expected


def test_the_other_columns_of_an_export_stay() -> None:
    assert dict(parse_roster(CLASSROOM, "x")[0].extra) == {"github_id": "7", "name": "Ann"}
    assert dict(parse_roster(MOODLE, "x")[0].extra) == {"ID number": "17", "Email address": "a@example.org"}


@pytest.mark.parametrize(
    "data", [b"Student,ID,SIS Login ID\nx,1,ann\n", b"First name,ID number,url\nx,1,https://h/r\n"]
)
def test_an_export_that_names_no_fork_is_no_roster(data: bytes) -> None:
    with pytest.raises(KitError):
        parse_roster(data, "x")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("name,login\nOcto Cat,octo\n", "Octo Cat"),
        ('Student,ID,SIS Login ID,Section,login\n    Points Possible,,,,\n"Cat, Octo",1,s1,A,octo\n', "Cat, Octo"),
        ("First name,Surname,ID number,Email address,login\nOcto,Cat,1,o@x.org,octo\n", "Octo Cat"),
        ("identifier,github_username,github_id,name\nOcto Cat,octo,1,O. C.\n", "Octo Cat"),
        ("name,login\n,octo\n", "octo"),
        ("name,login\nHOMEWORK-octo,\n", "HOMEWORK-octo"),
    ],
)
def test_the_rosters_name_leads(tmp_path: Path, course: Course, text: str, name: str) -> None:
    make_fork(tmp_path / "clones" / "homework-octo", course)
    words = [str(tmp_path / "clones"), roster(tmp_path, text)]
    (origin,) = find_forks(words)
    assert (origin.name, origin.note, origin.path) == (name, "", tmp_path / "clones" / "homework-octo")
    cohort = read_cohort(course, (origin,))
    for form in ("table", "csv", "json", "html", "md"):  # a gradebook goes by the ids of its system
        assert name in html.unescape(RENDERERS[form](cohort, RenderOptions(120))), form


def test_rows_that_say_the_same_twice(tmp_path: Path, course: Course) -> None:
    for name in ("homework-octo", "homework-ann"):
        make_fork(tmp_path / "clones" / name, course)
    text = "name,login\nOcto Cat,octo\nocto cat,octo\nAnn,ann\nBo,ann\nEve,eve\n"
    found = find_forks([str(tmp_path / "clones"), roster(tmp_path, text)])
    assert [(one.name, one.note, one.trouble.status if one.trouble else "") for one in found] == [
        ("Ann", "", ""),
        ("Octo Cat", "in the roster twice", ""),
        ("Bo", "", ""),
        ("Eve", "", "missing"),
    ]
    assert found[2].path == found[0].path


@pytest.mark.parametrize(
    "data",
    [
        b"sep=;\nname;url\nann;https://h/r\n",
        b'"sep=;"\r\nname;url\r\nann;https://h/r\r\n',
        b"\xef\xbb\xbfsep=,\nname,url\nann,https://h/r\n",
        b"\n\n\r\n  \nname,url\nann,https://h/r\n",
        b'name;"group, room, seat, desk";url\nann;"a, b, c, d";https://h/r\n',
        b"name|url\nann|https://h/r\n",
        "sep=\t\nname\turl\nann\thttps://h/r\n".encode("utf-16"),
    ],
)
def test_first_lines_that_hold_no_titles(data: bytes) -> None:
    (student,) = parse_roster(data, "x.csv")
    assert (student.name, student.url) == ("ann", "https://h/r")


@pytest.mark.parametrize("kind", ["bundle", "zip", "xlsx", "gz", "exe"])
def test_what_is_no_roster_is_called_what_it_is(tmp_path: Path, course: Course, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    if kind == "bundle":
        fake_course.git(make_fork(tmp_path / "fork", course), "bundle", "create", "-q", str(path), "main")
    elif kind in ("zip", "xlsx"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("xl/workbook.xml" if kind == "xlsx" else "a/HEAD", "x")
    else:
        path.write_bytes(gzip.compress(b"x") if kind == "gz" else b"MZ\0\1")
    with pytest.raises(KitError) as caught:
        find_forks([str(path)])
    wanted = {"bundle": "bundle", "xlsx": "spreadsheet", "exe": "isn't text"}.get(kind, "archive")
    assert wanted in caught.value.what
    assert caught.value.next
