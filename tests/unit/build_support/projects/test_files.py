from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from build_support.errors import ProjectError
from build_support.projects.files import list_files
from build_support.projects.never_shipped import NEVER, NEVER_AT_TOP
from build_support.projects.secrets import LIKELY_SECRETS, SECRETS
from tests import unix
from tests.unit.build_support.projects.made_project import Make, Names, made_project


def _list(root: Path, source: Names = None, extra: Names = None) -> list[str]:
    files = list_files(made_project(root, source, extra))
    assert all(file.origin == root / file.path for file in files)
    return [str(file.path) for file in files]


def _refused(root: Path, source: Names = None, extra: Names = None) -> str:
    with pytest.raises(ProjectError) as caught:
        list_files(made_project(root, source, extra))
    assert caught.value.hint
    return str(caught.value)


def test_files_come_in_the_order_of_their_paths_once_each(make: Make) -> None:
    names = ["src/b.py", "src/a/z.py", "src/a.py", "src/B.py", "src/é ü.txt", "src/日本.txt"]
    root = make(*names, "manage.py", "other.py")
    expected = ["manage.py", "src/B.py", "src/a/z.py", "src/a.py", "src/b.py"]
    expected += ["src/é ü.txt", "src/日本.txt"]
    assert _list(root, ["src", "src/a", "manage.py"], ["src/b.py"]) == expected


_EXAMPLES = [
    *(".git/config", ".env", ".env.production", ".venv/x.py", ".idea/x", ".DS_Store", ".hidden/x"),
    *("__pycache__/x.pyc", "x.pyc", "x.pyo", "db.sqlite3", "db.sqlite3-wal", "DB.SQLITE3"),
    *("x.sqlite", "x.sqlite-journal", "x.db", "x.db-shm", "Thumbs.db", "server.log"),
    *("notes.egg-info/PKG-INFO", "node_modules/left-pad/index.js"),
    *("id_rsa", "id_rsa.pub", "id_ed25519", "id_dsa", "id_ecdsa_sk", ".git-credentials"),
    *(".env-old", ".env_1", ".envrc", ".netrc", "_netrc", ".pgpass", "pgpass.conf", ".my.cnf"),
    *(".mylogin.cnf", ".pypirc", ".dockercfg", ".s3cfg", ".boto", ".htpasswd", ".vault-token"),
    *(".vault_pass.txt", ".aws/credentials", ".azure/x", ".docker/config.json", ".kube/config"),
    *(".gnupg/x", ".ssh/config", "PuTTY.PPK", "x.kdb", "x.kdbx", "_netrc"),
    *("server.key", "AuthKey.p8", "x.p12", "x.PFX", "x.pkcs12", "x.jks", "x.jceks", "x.bks"),
    *("x.keystore", "x.keychain", "x.keychain-db", "prod.env", ".npmrc", ".yarnrc.yml"),
    *("auth.json", "htpasswd", "credentials", "credentials.json", "credentials-old.json"),
    *("credentials.yml", "credentials.toml", "credentials.ini", "credentials.csv"),
    *("google-credentials.json", "aws_credentials.json", "client_secret_1.json"),
    *("client-secret.json", "service-account.json", "firebase-adminsdk-x.json"),
    *("my-app-firebase-adminsdk-abc.json", "secret.json", "secrets.json", "secrets.yaml"),
    *("secrets.toml", "secrets.ini", "x.tfstate", "x.tfvars", "x.ovpn"),
]


@pytest.mark.parametrize("name", _EXAMPLES)
@pytest.mark.parametrize("folder", ["src", "src/deep/er"])
def test_what_is_never_shipped(make: Make, name: str, folder: str) -> None:
    root = make(f"{folder}/{name}", "src/kept.py", **{".gitignore": f"!{name}\n"})
    assert _list(root) == ["src/kept.py"]


def test_every_pattern_that_is_never_shipped_has_an_example() -> None:
    for pattern in (*NEVER, *SECRETS, *LIKELY_SECRETS):
        assert any(
            PurePosixPath(part.lower()).match(pattern)
            for name in _EXAMPLES
            for part in PurePosixPath(name).parts
        ), pattern


def test_every_pattern_can_match() -> None:
    # Names are compared in lower case.
    assert all(
        pattern == pattern.lower() for pattern in (*NEVER, *SECRETS, *LIKELY_SECRETS, *NEVER_AT_TOP)
    )


@pytest.mark.parametrize("name", NEVER_AT_TOP)
def test_some_folders_are_not_shipped_from_the_top_alone(make: Make, name: str) -> None:
    root = make(f"{name}/upload.bin", f"src/{name}/kept.py")
    assert _list(root, ["src"]) == [f"src/{name}/kept.py"]
    for source in (name, f"{name}/upload.bin"):
        assert f"Nothing of {root / source} would be shipped" in _refused(root, ["src", source])


def test_a_virtual_environment_is_known_by_what_is_in_it(make: Make) -> None:
    root = make("src/my python/pyvenv.cfg", "src/my python/lib/x.py", "src/a.py")
    assert _list(root, extra=["src/my python"]) == ["src/a.py"]


@pytest.mark.parametrize(
    "source", [".config/app", ".config/app/x.py", "src/cache", "src/built.js", "src/empty"]
)
def test_a_source_of_which_nothing_would_be_shipped_is_not_passed_over(
    make: Make, source: str
) -> None:
    root = make(
        *(".config/app/x.py", "src/a.py", "src/cache/b.log", "src/built.js"),
        **{".gitignore": "built.js\n"},
    )
    (root / "src" / "empty").mkdir()
    said = _refused(root, ["src", source])
    assert f"Nothing of {root / source} would be shipped" in said
    assert "extra-files" in said
    assert _list(root) == ["src/a.py"]


def test_it_is_shipped_when_extra_files_name_it(make: Make) -> None:
    root = make(".config/app/x.py", "src/a.py")
    assert _list(root, ["src"], [".config/app"]) == [".config/app/x.py", "src/a.py"]


def test_extra_files_are_shipped_although_they_are_ignored(make: Make) -> None:
    root = make(
        *("src/a.py", "src/built/x.js", "dist/app.js", "dist/.well-known/y", "seed.sqlite3"),
        **{".gitignore": "built/\ndist/\n*.sqlite3\n", "dist/.gitignore": "*\n"},
    )
    assert _list(root) == ["src/a.py"]
    assert _list(root, extra=["src/built", "dist", "seed.sqlite3"]) == [
        "dist/.gitignore",
        "dist/.well-known/y",
        "dist/app.js",
        "seed.sqlite3",
        "src/a.py",
        "src/built/x.js",
    ]


@pytest.mark.parametrize(
    ("source", "extra"), [(["src", "none.py"], []), (["src"], ["none"]), (["src/a.py/none"], [])]
)
def test_what_is_named_and_not_there(make: Make, source: list[str], extra: list[str]) -> None:
    said = _refused(make("src/a.py"), source, extra)
    assert "none" in said
    assert "is not there" in said


@pytest.mark.parametrize(("source", "words"), [([], "no files to ship"), (["src"], "Nothing of")])
def test_nothing_to_ship_is_an_error(make: Make, source: list[str], words: str) -> None:
    assert words in _refused(make("src/a.py", **{".gitignore": "*\n"}), source)


def test_a_link_that_is_ignored_does_not_matter(make: Make) -> None:
    root = make("src/a.py", **{".gitignore": "uploads\n"})
    (root / "src" / "uploads").symlink_to(root.parent)
    (root / "src" / "node_modules").symlink_to(root.parent)
    assert _list(root) == ["src/a.py"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_a_pipe_is_not_read(make: Make) -> None:
    root = make("src/a.py")
    unix.mkfifo(root / "src" / "pipe")
    assert _list(root) == ["src/a.py"]
