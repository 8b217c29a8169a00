"""Environment variables, by who reads them.

What a variable means cannot be read from code. That every one is here, can: a test looks for
`DJDESK_…` in the sources.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from build_support import ROOT
from build_support.signing.credentials import VARIABLES as SIGNING
from docs.generate.blocks import table

_COLUMNS = ("variable", "meaning")

BUILD: Mapping[str, str] = {
    "DJDESK_CACHE_DIR": "The folder of downloads and prepared trees. Default: the platform's "
    "cache folder.",
    "DJDESK_PYTHON_MIRROR": "A mirror of python-build-standalone. Nothing else is asked then.",
    "UV_PYTHON_INSTALL_MIRROR": "The same, where `DJDESK_PYTHON_MIRROR` is not set.",
    "DJDESK_RELEASE": "As `--release`: anything but empty, `0`, `no`, `off` or `false` refuses "
    "what may not be given to others.",
    "DJDESK_UNSIGNED": "As `--unsigned`: `1`, `yes`, `on` or `true`, and nothing else, leaves "
    "packages unsigned.",
    "ELECTRON_MIRROR": "A mirror of Electron's releases; ends with a slash. "
    "`ELECTRON_CUSTOM_DIR` and `ELECTRON_CUSTOM_FILENAME` say where in it, if it is laid out "
    "differently.",
    "ELECTRON_OVERRIDE_DIST_PATH": "A folder with an unpacked Electron, as `--electron-dist`.",
    "UV_DEFAULT_INDEX": "The package index. uv's other variables work as well: `UV_INDEX`, "
    "`UV_FIND_LINKS`, `UV_OFFLINE`, …",
    "npm_config_registry": "The registry that the shell's development tools come from.",
    "HTTPS_PROXY": "The proxy for downloads; also `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, in "
    "either case.",
    "SSL_CERT_FILE": "Certificates to trust; also `SSL_CERT_DIR`.",
    "DJDESK_TESTS_REQUIRE": "What tests fail without, and are not skipped: some of `wine`, "
    "`packages` and `root`, with commas between them.",
}

RUN: Mapping[str, str] = {
    "DJDESK_DATA_DIR": "The folder of the user's data. `--data-dir` wins over it.",
    "DJDESK_BUNDLE": "The bundle that a shell which is not packaged opens. Default: "
    "`electron/django-bundle`.",
    "DJDESK_ICON": "The PNG file that a shell which is not packaged shows as the application's "
    "icon. `nox -s run` and `nox -s dev` set it.",
    "DJDESK_DEV_SERVER": "What `nox -s dev` tells the shell, as JSON: the server to start in "
    "place of a bundle's. For a shell that is not packaged.",
}

#: Between parts of DJDesk, in one process or from one to the next. Nobody sets them.
INTERNAL = frozenset(
    {
        "DJDESK_RUNTIME_BUNDLE",
        "DJDESK_RUNTIME_DATA",
        "DJDESK_RUNTIME_UPDATING",
        "DJDESK_STATIC_ROOT",
        "DJDESK_SMOKE_FOLDER",
        "DJDESK_SIGN_COMMAND",
        "DJDESK_PFX_FILE",
        "DJDESK_PFX_PASSWORD",
        "DJDESK_PFX_THUMBPRINT",
        "DJDESK_LIBRARY",
    }
)

_SIGNING_MEANINGS: Mapping[str, str] = {
    "CSC_LINK": "Developer ID certificate with its key (`.p12`): a path, or the file in base64.",
    "CSC_KEY_PASSWORD": "Its password.",
    "CSC_NAME": "Or: the identity in this Mac's keychain, by its name or its SHA-1.",
    "APPLE_API_KEY": "Key of App Store Connect (`.p8`): a path, the text, or the file in base64.",
    "APPLE_API_KEY_ID": "The key's id.",
    "APPLE_API_ISSUER": "The key's issuer.",
    "APPLE_KEYCHAIN_PROFILE": "Or: what `notarytool store-credentials` has saved.",
    "WIN_CSC_LINK": "Certificate with its key (`.pfx`): a path, or the file in base64.",
    "WIN_CSC_KEY_PASSWORD": "Its password.",
    "WIN_CSC_SHA1": "Or: the thumbprint of a certificate in this machine's store.",
    "AZURE_SIGNING_ENDPOINT": "Or, for Azure Artifact Signing: the endpoint.",
    "AZURE_SIGNING_ACCOUNT": "The signing account.",
    "AZURE_SIGNING_PROFILE": "The certificate profile.",
    "AZURE_SIGNING_LIBRARY": "The path of `Azure.CodeSigning.Dlib.dll`.",
    "AZURE_TENANT_ID": "The login, where the machine is not logged in already.",
    "AZURE_CLIENT_ID": "The login's client.",
    "AZURE_CLIENT_SECRET": "The login's secret.",
}

_ENVIRONMENT_OF_SERVER = ROOT / "electron" / "lib" / "environment.js"
_LIST = re.compile(
    r"const NETWORK = .*?\]\);|(?:posix|win32): Object\.freeze\(\[.*?\n {2}\]\)", re.DOTALL
)
_NAME = re.compile(r'"([A-Za-z_0-9]+\*?)"')


def build_variables() -> str:
    """Return the table of what builds read."""
    return _table(BUILD)


def run_variables() -> str:
    """Return the table of what applications read."""
    return _table(RUN)


def signing_variables() -> str:
    """Return the table of what signing reads. Raises KeyError for one without a meaning."""
    rows = []
    for purpose, sets in SIGNING.items():
        for names in sets:
            rows += [(f"`{name}`", purpose, _SIGNING_MEANINGS[name]) for name in names]
    return table(("variable", "for", "meaning"), rows)


def passed_variables() -> str:
    """Return the table of what the shell hands on to the server, on which system."""
    network, posix, windows = map(_NAME.findall, _LIST.findall(_text()))
    return table(
        ("where", "variables"),
        [
            ("Linux and macOS", _listed(posix)),
            ("Windows", _listed(windows)),
            ("everywhere", _listed(network)),
        ],
    )


def _text() -> str:
    return _ENVIRONMENT_OF_SERVER.read_text(encoding="utf-8")


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(meanings: Mapping[str, str]) -> str:
    return table(_COLUMNS, [(f"`{name}`", meaning) for name, meaning in meanings.items()])
