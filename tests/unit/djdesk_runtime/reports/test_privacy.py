import json
from pathlib import Path, PureWindowsPath

import pytest

from djdesk_runtime.reports.privacy import Person, this_person

ALICE = Person((Path("/home/alice"), Path("/var/home/alice")), "alice")


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("/home/alice", "~"),
        ("/home/alice/.local/share/x", "~/.local/share/x"),
        ("in '/var/home/alice/x', line 1", "in '~/x', line 1"),
        ("file:///home/alice/x", "file://~/x"),
        ("/HOME/ALICE/x", "~/x"),
        ("/home/alice2/x and /home/alice-b/x", "/home/alice2/x and /home/~-b/x"),
        ("alice@host, user alice.", "~@host, user ~."),
        ("/media/alice/USB", "/media/~/USB"),
        ("malice and alicex", "malice and alicex"),
    ],
)
def test_home_and_name_are_hidden(text: str, hidden: str) -> None:
    assert ALICE.hide(text) == hidden


@pytest.mark.parametrize("name", ["root", "user", "Admin", "", "al"])
def test_names_that_name_nobody_are_left(name: str) -> None:
    text = "the root logger of a user, Admin, al, and an empty one"
    assert Person((), name).hide(text) == text


def test_home_on_windows_is_hidden_in_every_spelling() -> None:
    home = PureWindowsPath("C:/Users/Jörg Maier")
    person = Person((home,), "Jörg Maier")
    for text in (
        str(home / "x"),
        json.dumps(str(home / "x"), ensure_ascii=False)[1:-1],
        (home / "x").as_posix(),
        "c:/users/jörg maier/x",
        "file:///C:/Users/J%C3%B6rg%20Maier/x",
    ):
        hidden = person.hide(text)
        assert "rg" not in hidden.lower(), hidden
        assert hidden.endswith("x")


def test_a_home_that_is_everything_or_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "/")
    assert this_person().homes == ()


def test_a_user_that_the_system_does_not_know_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> str:
        raise OSError("No username set in the environment")

    monkeypatch.setattr("getpass.getuser", unknown)
    monkeypatch.setattr(Path, "home", unknown)
    assert this_person() == Person((), "")
    assert this_person().hide("/home/alice") == "/home/alice"


def test_this_person_is_who_runs_the_tests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    monkeypatch.setenv("HOME", str(link))
    monkeypatch.setenv("LOGNAME", "somebody")
    person = this_person()
    assert set(person.homes) == {link, real.resolve()}
    assert person.hide(f"{real}/a {link}/b by somebody") == "~/a ~/b by ~"
