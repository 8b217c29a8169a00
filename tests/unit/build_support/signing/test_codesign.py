from __future__ import annotations

import plistlib
from collections.abc import Callable
from pathlib import Path

import pytest

from build_support import ROOT
from build_support.errors import ToolError
from build_support.signing.codesign import (
    AD_HOC,
    INTERPRETER_ENTITLEMENTS,
    Identity,
    codesign,
    image_verification,
    sign_folder,
    verification,
)
from build_support.signing.commands import Command
from tests.unit.build_support.signing.made_up import EXECUTE, Recorder, fat, thin, write

ME = Identity("0123ABCD", Path("/build/signing.keychain-db"))


def test_signs_with_runtime_timestamp_and_entitlements() -> None:
    command = codesign(Path("/app/python3.14"), ME, entitlements=Path("/e.plist"))
    assert command.words == (
        *("codesign", "--force", "--sign", "0123ABCD"),
        *("--keychain", str(ME.keychain), "--timestamp", "--options", "runtime"),
        *("--entitlements", str(Path("/e.plist")), str(Path("/app/python3.14"))),
    )


def test_without_a_certificate_nothing_is_claimed() -> None:
    command = codesign(Path("/app/python"), Identity(AD_HOC), entitlements=Path("/e.plist"))
    words = ("codesign", "--force", "--sign", "-", "--timestamp=none")
    assert command.words == (*words, str(Path("/app/python")))


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    write(
        tmp_path,
        {
            "python/bin/python3.14": thin(EXECUTE),
            "packages/a/_a.so": thin(),
            "packages/b/_b.so": fat(thin(), thin()),
            "packages/b/b.py": b"print()",
            "packages/X.framework/Resources/Info.plist": b"",
            "packages/X.framework/X": thin(),
        },
    )
    return tmp_path


def test_signs_a_folder_inside_out(bundle: Path, sleep: Callable[[float], None]) -> None:
    runner = Recorder()
    assert sign_folder(bundle, ME, runner, sleep=sleep) == 5
    names = [Path(words[-1]).name for words in runner.words]
    assert set(names[:3]) == {"_a.so", "_b.so", "X"}
    assert names[3:] == ["python3.14", "X.framework"]
    entitled = [words[-1] for words in runner.words if "--entitlements" in words]
    assert entitled == [str(bundle / "python/bin/python3.14")]


def test_stops_before_the_next_stage_when_one_file_fails(
    bundle: Path, sleep: Callable[[float], None]
) -> None:
    def fail(command: Command) -> str | None:
        return "errSecInternalComponent" if command.words[-1].endswith("_b.so") else None

    runner = Recorder(fail=fail)
    with pytest.raises(ToolError, match=r"Signing _b\.so failed"):
        sign_folder(bundle, ME, runner, sleep=sleep)
    assert not [words for words in runner.words if words[-1].endswith("python3.14")]


def test_verifies_the_seal_before_asking_gatekeeper() -> None:
    seal, gatekeeper = verification(Path("/out/My App.app"))
    app = str(Path("/out/My App.app"))
    assert seal.words == ("codesign", "--verify", "--deep", "--strict", "--verbose=2", app)
    assert gatekeeper.words == ("spctl", "--assess", "--type", "execute", "--verbose=4", app)
    assert image_verification(Path("/out/My App.dmg")).words[:5] == (
        *("spctl", "--assess", "--type", "open", "--context"),
    )


@pytest.mark.parametrize(
    ("file", "allowed"),
    [
        (INTERPRETER_ENTITLEMENTS.name, {"com.apple.security.cs.allow-unsigned-executable-memory"}),
        ("entitlements.mac.plist", {"com.apple.security.cs.allow-jit"}),
        ("entitlements.mac.inherit.plist", {"com.apple.security.cs.allow-jit"}),
    ],
)
def test_entitlements_are_minimal(file: str, allowed: set[str]) -> None:
    content = (ROOT / "electron" / "build" / file).read_bytes()
    assert plistlib.loads(content) == dict.fromkeys(allowed, True)
    assert b"<!--" not in content, "macOS refuses entitlements with comments"
