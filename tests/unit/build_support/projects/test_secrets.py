from __future__ import annotations

import json
from pathlib import Path, PurePosixPath

import pytest

from build_support.errors import ProjectError
from build_support.projects.files import list_files
from build_support.projects.secrets import likely_secret_reason, secret_reason
from tests.unit.build_support.projects.made_project import Make, made_project

_BASE64 = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
_CERTIFICATE = f"-----BEGIN CERTIFICATE-----\n{_BASE64}\n-----END CERTIFICATE-----\n"


def _key(kind: str) -> str:
    return f"{_CERTIFICATE}-----BEGIN {kind}-----\n{_BASE64}\n-----END {kind}-----\n"


_KEYS = [
    ("server.pem", _key("PRIVATE KEY")),
    ("server.PEM", _key("RSA PRIVATE KEY")),
    ("server.crt", _key("EC PRIVATE KEY")),
    ("deploy", _key("OPENSSH PRIVATE KEY")),
    ("release.asc", _key("PGP PRIVATE KEY BLOCK")),
    ("locked.pem", _key("ENCRYPTED PRIVATE KEY")),
    ("robot.json", json.dumps({"private_key": _key("PRIVATE KEY")})),
    ("dos.pem", _key("PRIVATE KEY").replace("\n", "\r\n")),
]


def _list(root: Path, *extra: str) -> tuple[list[str], list[str]]:
    """Return the shipped paths and the warnings."""
    warnings: list[str] = []
    files = list_files(made_project(root, extra=list(extra)), warnings.append)
    return [str(file.path) for file in files], warnings


@pytest.mark.parametrize(("name", "content"), _KEYS)
def test_private_keys_are_known_by_their_content(make: Make, name: str, content: str) -> None:
    root = make("src/a.py", **{f"src/{name}": content})
    shipped, warnings = _list(root)
    assert shipped == ["src/a.py"]
    assert len(warnings) == 1
    assert f"src/{name}" in warnings[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cacert.pem", _CERTIFICATE * 100),
        ("public.pem", f"-----BEGIN PUBLIC KEY-----\n{_BASE64}\n-----END PUBLIC KEY-----\n"),
        ("docs.txt", "A key begins with -----BEGIN PRIVATE KEY----- and is secret.\n"),
        ("validators.py", 'MARK = "-----BEGIN RSA PRIVATE KEY-----"\n'),
        ("empty.pem", ""),
        ("environment.py", ""),
        ("env/__init__.py", ""),
        ("credentials/views.py", ""),
        ("secrets.py", ""),
        ("monkey.py", ""),
        ("example.env", ""),
        ("client_secret.example.json", ""),
    ],
)
def test_what_only_resembles_a_secret_is_shipped(make: Make, name: str, content: str) -> None:
    root = make("src/a.py", **{f"src/{name}": content})
    shipped, warnings = _list(root)
    assert f"src/{name}" in shipped
    assert not warnings


@pytest.mark.parametrize("name", [".env.example", ".env.sample", ".env.template", ".env.dist"])
def test_examples_of_env_files_may_be_named(make: Make, name: str) -> None:
    root = make("src/a.py", name)
    assert name in _list(root, name)[0]


@pytest.mark.parametrize("name", ["src/talk.key", "src/credentials.json", "src/deep/prod.env"])
def test_a_likely_secret_is_shipped_only_when_it_is_named_itself(make: Make, name: str) -> None:
    root = make("src/a.py", name)
    shipped, warnings = _list(root)
    assert shipped == ["src/a.py"]
    assert len(warnings) == 1
    assert name in warnings[0]
    shipped, warnings = _list(root, name)
    assert name in shipped
    assert not warnings
    with pytest.raises(ProjectError) as caught:
        _list(root, "src")
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        (".env", ".env"),
        (".env.local", ".env.local"),
        (".ENV", ".ENV"),
        ("keys/id_ed25519", "keys"),
        ("keys/deep/id_rsa", "keys"),
        (".git/config", ".git/config"),
        (".git/hooks/x", ".git/hooks"),
        (".git-credentials", ".git-credentials"),
        (".aws/credentials", ".aws/credentials"),
        ("home/.ssh/known_hosts", "home"),
        ("vault.kdbx", "vault.kdbx"),
    ],
)
def test_extra_files_may_not_be_secrets(make: Make, name: str, extra: str) -> None:
    root = make("src/a.py", name)
    with pytest.raises(ProjectError) as caught:
        _list(root, extra)
    assert str(root / name) in str(caught.value) or str(root / extra) in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(("name", "content"), _KEYS)
def test_a_private_key_is_refused_although_it_is_named(make: Make, name: str, content: str) -> None:
    root = make("src/a.py", **{name: content})
    with pytest.raises(ProjectError) as caught:
        _list(root, name)
    assert str(root / name) in str(caught.value)


def test_every_secret_is_named_at_once(make: Make) -> None:
    root = make("src/a.py", "keys/id_rsa", "keys/b.p12", **{"keys/c.pem": _key("PRIVATE KEY")})
    with pytest.raises(ProjectError) as caught:
        _list(root, "keys")
    for name in ("id_rsa", "b.p12", "c.pem"):
        assert name in str(caught.value)


@pytest.mark.parametrize("name", [".ENV", "ID_RSA", "x.PPK"])
def test_secrets_are_known_in_any_case(name: str) -> None:
    assert secret_reason(PurePosixPath(name))


def test_ordinary_names_are_no_secrets() -> None:
    for name in ("settings.py", "key.svg", "keys.py", "environment.txt", "README.md", "env.py"):
        path = PurePosixPath(name)
        assert not secret_reason(path)
        assert not likely_secret_reason(path)
