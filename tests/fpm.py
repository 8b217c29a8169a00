#!/usr/bin/env python3
"""Stands in for fpm, which no package index has: folders become a deb or an rpm.

It knows the words that electron-builder 26 gives to fpm (app-builder-lib, out/targets/FpmTarget.js)
and leaves the packing to the distribution's own dpkg-deb and rpmbuild. It compresses little,
because tests unpack at once what it has packed. CUSTOM_FPM_PATH names it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

_UNUSED = ("-s", "--deb-compression", "--rpm-compression", "--rpm-os")
_REQUIRED = ("-t", "--name", "--version", "--architecture", "--maintainer", "--url", "--package")


def main() -> None:
    """Read the words and make the package."""
    wanted = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="djdesk-fpm-") as scratch:
        root = Path(scratch, "root")
        for mapping in wanted.mappings:
            _place(mapping, root)
        _MAKERS[wanted.t](wanted, root, Path(scratch))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    for name in _REQUIRED:
        parser.add_argument(name, required=True)
    for name in ("--after-install", "--after-remove"):
        parser.add_argument(name, required=True, type=Path)
    for name in ("--description", "--vendor", "--license", "--category", "--rpm-summary"):
        parser.add_argument(name, default="")
    parser.add_argument("--deb-priority", default="optional")
    parser.add_argument("-d", action="append", default=[])
    parser.add_argument("--deb-recommends", action="append", default=[])
    parser.add_argument("--force", action="store_true")
    for name in _UNUSED:
        parser.add_argument(name)
    parser.add_argument("mappings", nargs="+")
    return parser


def _place(mapping: str, root: Path) -> None:
    """Put a file, or what is in a folder, where `from=to` says."""
    source, _, place = mapping.rpartition("=")
    into = root / place.lstrip("/")
    if source.endswith("/"):
        shutil.copytree(source, into, symlinks=True)
    else:
        into.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, into)
    for path in (into, *into.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)


def _make_deb(wanted: argparse.Namespace, root: Path, _: Path) -> None:
    control = root / "DEBIAN"
    control.mkdir()
    summary, _, rest = wanted.description.partition("\n")
    size = sum(path.lstat().st_size for path in root.rglob("*") if not path.is_dir()) // 1024
    fields = {
        "Package": wanted.name,
        "Version": wanted.version,
        "Architecture": wanted.architecture,
        "Maintainer": wanted.maintainer,
        "Vendor": wanted.vendor,
        "License": wanted.license,
        "Installed-Size": str(size),
        "Depends": ", ".join(wanted.d),
        "Recommends": ", ".join(wanted.deb_recommends),
        "Section": wanted.category or "default",
        "Priority": wanted.deb_priority,
        "Homepage": wanted.url,
        "Description": f"{summary or wanted.name}\n {rest.strip() or summary}",
    }
    lines = [f"{name}: {value}\n" for name, value in fields.items() if value]
    (control / "control").write_text("".join(lines), encoding="utf-8")
    for name, script in (("postinst", wanted.after_install), ("postrm", wanted.after_remove)):
        shutil.copyfile(script, control / name)
        (control / name).chmod(0o755)
    command = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", root, wanted.package]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _make_rpm(wanted: argparse.Namespace, root: Path, scratch: Path) -> None:
    spec = scratch / "package.spec"
    places = [f"/{path.relative_to(root)}" for path in _owned(root)]
    requires = "".join(f"Requires: {each}\n" for each in wanted.d)
    files = "".join(f'"{place}"\n' for place in places)
    spec.write_text(
        f"""\
%define __os_install_post %{{nil}}
%define _build_id_links none
%define _binary_payload w1.gzdio
Name: {wanted.name}
Version: {wanted.version.replace("-", "_")}
Release: 1
Summary: {wanted.rpm_summary or wanted.name}
License: {wanted.license or "unknown"}
Vendor: {wanted.vendor}
URL: {wanted.url}
AutoReqProv: no
{requires}
%description
{wanted.description}

%files
%defattr(-,root,root,-)
{files}
%post
{wanted.after_install.read_text(encoding="utf-8")}
%postun
{wanted.after_remove.read_text(encoding="utf-8")}
""",
        encoding="utf-8",
    )
    command = ["rpmbuild", "-bb", "--quiet", "--target", wanted.architecture]
    command += ["--define", f"_topdir {scratch / 'top'}", "--buildroot", str(root), str(spec)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (made,) = (scratch / "top" / "RPMS").rglob("*.rpm")
    shutil.move(made, wanted.package)


def _owned(root: Path) -> list[Path]:
    """Return what the package owns: everything in /opt's folders, and single files elsewhere."""
    application = [path for path in (root / "opt").iterdir() if path.is_dir()]
    shared = [path for path in (root / "usr").rglob("*") if path.is_file()]
    return [*application, *shared]


_MAKERS = {"deb": _make_deb, "rpm": _make_rpm}

if __name__ == "__main__":
    main()
