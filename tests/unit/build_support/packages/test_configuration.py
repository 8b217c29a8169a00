from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from build_support import ROOT
from build_support.packages.configuration import (
    configure,
    for_folder,
    merge,
    missing_fields,
    read_committed,
    unfit_for_appimage,
)
from build_support.packages.rehearsal import write_rehearsal
from build_support.target import TARGETS
from tests.unit.build_support.packages.made_up import PUBLICATION, ingredients

OUTPUT = Path("/out/built")


def configured(target: str, *, signed: bool = False, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any
    parts = ingredients(target, **{"rehearsal": None, **changes})
    found = configure(parts, OUTPUT, read_committed(), signed=signed)
    json.dumps(found)
    return dict(found)


@pytest.mark.parametrize("target", TARGETS)
def test_the_projects_values_are_passed_in(target: str) -> None:
    found = configured(target)
    assert found["appId"] == "org.example.notes"
    assert found["productName"] == "notes"
    assert found["artifactName"] == f"notes-1.0.0-{target}.${{ext}}"
    assert found["directories"] == {"output": "/out/built", "buildResources": "build"}
    assert found["electronVersion"] == "45.4.1"
    assert found["extraMetadata"]["version"] == "1.0.0"
    assert found["extraMetadata"]["author"] == {"name": "Zoë", "email": "zoe@example.org"}
    places = {each["from"]: (each["to"], each["filter"]) for each in found["extraResources"]}
    assert places == {
        "/bundle": ("django-bundle", ["**/*"]),
        "/about": (".", ["**/*"]),
        "/icons/256x256.png": ("icon.png", ["**/*"]),
    }


def test_the_committed_values_stay() -> None:
    committed = read_committed()
    found = configured("linux-x86_64")
    assert found["electronFuses"] == committed["electronFuses"]
    assert found["files"] == committed["files"]
    assert found["linux"]["category"] == committed["linux"]["category"]
    assert found["linux"]["maintainer"] == "Zoë <zoe@example.org>"
    assert "$schema" not in found


def test_macos_is_signed_by_electron_builder_or_for_this_mac() -> None:
    signed, unsigned = (configured("macos-arm64", signed=signed)["mac"] for signed in (True, False))
    assert "identity" not in signed
    assert Path(signed["sign"]) == ROOT / "electron" / "build" / "sign-mac.cjs"
    assert Path(signed["sign"]).is_file()
    assert unsigned["identity"] == "-"
    assert "sign" not in unsigned
    assert signed["notarize"] is unsigned["notarize"] is False
    assert signed["signIgnore"] == ["/Contents/Resources/django-bundle/"]


def test_windows_is_signed_by_the_hook() -> None:
    options = configured("windows-x86_64", signed=True)["win"]["signtoolOptions"]
    hook = Path(options["sign"])
    assert hook == ROOT / "electron" / "build" / "sign-windows.cjs"
    assert hook.is_file()
    assert options["signingHashAlgorithms"] == ["sha256"], "once for each file"
    assert "signtoolOptions" not in configured("windows-x86_64")["win"]


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_signed_on_windows_while_the_folder_is_packed(target: str) -> None:
    whole = configured(target, signed=True)
    packing = for_folder(whole, TARGETS[target])
    if target.startswith("windows"):
        assert packing == merge(whole, {"win": {"signExecutable": False}})
        assert "signExecutable" not in whole["win"]
    else:
        assert packing == whole


def test_an_old_electron_has_no_fuses_and_a_rehearsal_its_own_start(tmp_path: Path) -> None:
    folder = tmp_path / "rehearsal"
    write_rehearsal(folder)
    found = configured("linux-x86_64", electron="9.4.1", rehearsal=folder)
    assert "electronFuses" not in found
    assert found["files"][-1] == {"from": str(folder), "to": ".", "filter": ["**/*"]}
    main = found["extraMetadata"]["main"]
    assert (folder / main).is_file()
    assert './shim.cjs")' in (folder / main).read_text(encoding="utf-8")
    assert (folder / "shim.cjs").is_file()


def test_without_a_rehearsal_the_shell_starts_as_it_is() -> None:
    assert "main" not in configured("linux-x86_64")["extraMetadata"]


def test_objects_are_merged_and_lists_replaced() -> None:
    first = {"a": {"b": 1, "c": [1]}, "d": 1}
    assert merge(first, {"a": {"c": [2], "e": {}}, "d": {"f": 1}}) == {
        "a": {"b": 1, "c": [2], "e": {}},
        "d": {"f": 1},
    }
    assert first == {"a": {"b": 1, "c": [1]}, "d": 1}


def test_linux_packages_need_somebody_to_answer_for_them() -> None:
    nobody = replace(PUBLICATION, email="", homepage="")
    assert missing_fields(PUBLICATION, "linux", frozenset({"deb"})) == ()
    assert missing_fields(nobody, "linux", frozenset({"tar.gz", "AppImage"})) == ()
    assert missing_fields(nobody, "windows", frozenset({"nsis"})) == ()
    assert len(missing_fields(nobody, "linux", frozenset({"rpm"}))) == 2


@pytest.mark.parametrize(
    ("name", "unfit"),
    [
        ("DJDesk Notes", ""),
        ("Größe (2.0) 漢字_x-y", ""),
        ("A/B: the game?", ""),
        ("Ada's Garden", "'"),
        ("R&D & more!", "&!"),
    ],
)
def test_names_that_an_appimage_cannot_have(name: str, unfit: str) -> None:
    assert unfit_for_appimage(name) == unfit


#: Which libraries Electron loads and electron-builder's own lists lack, or name as only some
#: distributions do: by any of its names, one has to be there.
NEEDED = {
    "deb": [
        {"libasound2t64", "libasound2"},
        {"libgbm1"},
        {"libgtk-3-0t64", "libgtk-3-0"},
        {"libatspi2.0-0t64", "libatspi2.0-0"},
        {"libnss3"},
    ],
    "rpm": [
        {"alsa-lib", "libasound2"},
        {"mesa-libgbm", "libgbm1"},
        {"gtk3", "libgtk-3-0"},
        {"nss", "mozilla-nss"},
        {"at-spi2-core", "libatspi0"},
    ],
}


@pytest.mark.parametrize("kind", NEEDED)
def test_packages_need_the_libraries_that_electron_loads(kind: str) -> None:
    depends = configured("linux-x86_64")[kind]["depends"]
    separator = " | " if kind == "deb" else " or "
    named = [set(each.strip("()").split(separator)) for each in depends]
    for library in NEEDED[kind]:
        assert library in named, f"{kind} does not need {library}"
    assert all(len(each.split()) == 1 for names in named for each in names)
