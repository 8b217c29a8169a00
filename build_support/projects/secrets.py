"""Which files hold secrets, by their names and, for keys, by what is in them.

Two kinds: what is never shipped, and what is only when `extra-files` names that very file,
because files of such a name are sometimes harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

_PRIVATE_KEY = "a private key"
_VARIABLES = "environment variables, usually with passwords"
_LOGIN = "a login to another service"
_STORE = "a store of keys"

#: Never shipped. Names are compared in lower case, of files and of folders.
SECRETS: Mapping[str, str] = {
    ".env": _VARIABLES,
    ".env.*": _VARIABLES,
    ".env-*": _VARIABLES,
    ".env_*": _VARIABLES,
    ".envrc": _VARIABLES,
    ".git": "the whole history of the project",
    ".git-credentials": _LOGIN,
    ".netrc": _LOGIN,
    "_netrc": _LOGIN,
    ".pgpass": _LOGIN,
    "pgpass.conf": _LOGIN,
    ".my.cnf": _LOGIN,
    ".mylogin.cnf": _LOGIN,
    ".pypirc": _LOGIN,
    ".dockercfg": _LOGIN,
    ".s3cfg": _LOGIN,
    ".boto": _LOGIN,
    ".htpasswd": _LOGIN,
    ".vault-token": _LOGIN,
    ".vault_pass*": _LOGIN,
    ".aws": _LOGIN,
    ".azure": _LOGIN,
    ".docker": _LOGIN,
    ".kube": _LOGIN,
    ".gnupg": _STORE,
    ".ssh": _STORE,
    "id_rsa*": _PRIVATE_KEY,
    "id_dsa*": _PRIVATE_KEY,
    "id_ecdsa*": _PRIVATE_KEY,
    "id_ed25519*": _PRIVATE_KEY,
    "*.ppk": _PRIVATE_KEY,
    "*.kdb": _STORE,
    "*.kdbx": _STORE,
}
#: Files that are shipped only if `extra-files` names the file itself.
LIKELY_SECRETS: Mapping[str, str] = {
    "*.key": _PRIVATE_KEY,
    "*.p8": _PRIVATE_KEY,
    "*.p12": _STORE,
    "*.pfx": _STORE,
    "*.pkcs12": _STORE,
    "*.jks": _STORE,
    "*.jceks": _STORE,
    "*.bks": _STORE,
    "*.keystore": _STORE,
    "*.keychain": _STORE,
    "*.keychain-db": _STORE,
    "*.env": _VARIABLES,
    ".npmrc": _LOGIN,
    ".yarnrc.yml": _LOGIN,
    "auth.json": _LOGIN,
    "htpasswd": _LOGIN,
    "credentials": _LOGIN,
    "credentials*.json": _LOGIN,
    "credentials*.y*ml": _LOGIN,
    "credentials*.toml": _LOGIN,
    "credentials*.ini": _LOGIN,
    "credentials*.csv": _LOGIN,
    "*-credentials.json": _LOGIN,
    "*_credentials.json": _LOGIN,
    "client_secret*.json": _LOGIN,
    "client-secret*.json": _LOGIN,
    "service*account*.json": _LOGIN,
    "firebase-adminsdk*.json": _LOGIN,
    "*-firebase-adminsdk-*.json": _LOGIN,
    "secret.json": _LOGIN,
    "secrets.json": _LOGIN,
    "secrets.y*ml": _LOGIN,
    "secrets.toml": _LOGIN,
    "secrets.ini": _LOGIN,
    "*.tfstate": "passwords of the machines that it describes",
    "*.tfvars": "passwords of the machines that it describes",
    "*.ovpn": _PRIVATE_KEY,
}
#: Names that say that a file shows how a secret one is written.
_EXAMPLE = re.compile(r"(^|[._-])(example|sample|template|dist|defaults|tmpl)([._-]|$)")
#: Kinds of files whose content is looked at.
_KEY_SUFFIXES = frozenset(
    {"", ".asc", ".cer", ".cert", ".cfg", ".conf", ".crt", ".json", ".key", ".pem", ".txt"}
)
_KEY_MARK = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr])*"
    rb"(?:[A-Za-z0-9+/=]{16}|Proc-Type:|Version:|Comment:)"
)
_LONGEST_READ = 1_000_000


def secret_reason(path: PurePath) -> str:
    """Return what a file or folder of this name holds that is never shipped, or nothing."""
    return _reason(path.name, SECRETS)


def likely_secret_reason(path: PurePath) -> str:
    """Return what a file of this name may hold, or nothing."""
    return _reason(path.name, LIKELY_SECRETS)


def private_key_reason(file: Path) -> str:
    """Return that a file holds a private key in text form, or nothing."""
    if file.suffix.lower() not in _KEY_SUFFIXES:
        return ""
    with file.open("rb") as stream:
        return _PRIVATE_KEY if _KEY_MARK.search(stream.read(_LONGEST_READ)) else ""


def _reason(name: str, patterns: Mapping[str, str]) -> str:
    lower = name.lower()
    if _EXAMPLE.search(lower):
        return ""
    return next((patterns[pattern] for pattern in _matching(lower, patterns)), "")


def _matching(name: str, patterns: Iterable[str]) -> Iterable[str]:
    return (pattern for pattern in patterns if fnmatchcase(name, pattern))
