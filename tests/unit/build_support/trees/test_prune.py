from __future__ import annotations

import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from build_support.errors import ArchiveError
from build_support.target import TARGETS, Target
from build_support.trees.archive import check_layout, extract
from build_support.trees.prune import prune_interpreter, prune_packages
from build_support.trees.prune_rules import PACKAGE_RULES, Rule, interpreter_rules, matcher
from tests.archives import Member, file, install_only, link, make_install_only, native

LINUX, MAC, WINDOWS = (TARGETS[f"{name}-x86_64"] for name in ("linux", "macos", "windows"))
EVERY_TARGET = [pytest.param(target, id=name) for name, target in TARGETS.items()]
MakePruned = Callable[..., Path]

LEFT_OF_THE_LIBRARY = {
    "LICENSE.txt",
    "ctypes/__init__.py",
    "encodings/__init__.py",
    "json/__init__.py",
    "os.py",
    "pydoc.py",
    "site.py",
    "unittest/__init__.py",
    "unittest/mock.py",
}
LEFT_ELSEWHERE = {
    "linux": {
        "bin/python",
        "bin/python3",
        "bin/python3.14",
        "lib/python3.14/_sysconfigdata__made_up_.py",
        "lib/python3.14/lib-dynload/.empty",
        "lib/python3.14/lib-dynload/_ssl.cpython-314-x86_64-linux-gnu.so",
    },
    "macos": {
        "bin/python",
        "bin/python3",
        "bin/python3.14",
        "lib/python3.14/_sysconfigdata__made_up_.py",
        "lib/python3.14/lib-dynload/.empty",
        "lib/python3.14/lib-dynload/_ssl.cpython-314-darwin.so",
    },
    "windows": {
        "python.exe",
        "pythonw.exe",
        "python3.dll",
        "python314.dll",
        "vcruntime140.dll",
        "vcruntime140_1.dll",
        "LICENSE.txt",
        "DLLs/_ssl.pyd",
        "DLLs/libssl-3.dll",
        "DLLs/libcrypto-3.dll",
    },
}


@pytest.fixture
def pruned(tmp_path: Path) -> MakePruned:
    """Return a function that extracts a target's archive, with extra members, and prunes it."""

    def make(target: Target, extra: Sequence[Member] = ()) -> Path:
        folder = tmp_path / "tree"
        folder.mkdir()
        extract(make_install_only(tmp_path, target, extra=extra), folder)
        prune_interpreter(folder / "python", target)
        return folder / "python"

    return make


def names(root: Path) -> set[str]:
    return {
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_symlink() or path.is_file()
    }


@pytest.mark.parametrize("target", EVERY_TARGET)
def test_what_is_left_of_an_interpreter(target: Target, pruned: MakePruned) -> None:
    python = pruned(target)
    library = target.layout.standard_library.as_posix()
    left = {f"{library}/{name}" for name in LEFT_OF_THE_LIBRARY}
    assert names(python) == left | LEFT_ELSEWHERE[target.system]
    check_layout(python, target)
    folders = [path for path in python.rglob("*") if path.is_dir() and not any(path.iterdir())]
    assert folders == []


@pytest.mark.parametrize("target", EVERY_TARGET)
def test_every_rule_matches_something_in_a_made_up_archive(target: Target) -> None:
    """A rule that no archive needs would be one that nobody can test."""
    paths: set[str] = set()
    for member in install_only(target):
        parts = member.name.split("/")[1:]
        paths |= {"/".join(parts[:length]) for length in range(1, len(parts) + 1)}
    unused = {
        rule.pattern
        for rule in interpreter_rules(target.system)
        if not any(matcher([rule])(path) for path in paths)
    }
    assert unused <= RULES_FOR_OTHER_BUILDS


RULES_FOR_OTHER_BUILDS = {
    *(
        "DLLs/xx*.pyd",
        "**/*.pdb",
        "Tools",
        "Doc",
        "lib/tdbc*",
        "lib/libtk*",
        "DLLs/tk*.dll",
    ),
    *(
        f"{library}/{name}"
        for library in ("Lib", "lib/python3.14")
        for name in (
            "*/tests",
            "lib2to3",
            "EXTERNALLY-MANAGED",
            "config-*",
            "__phello__",
            "__hello__.py",
        )
    ),
    "lib/python3.14/lib-dynload/_xxtestfuzz.*",
}


def test_every_rule_has_a_reason() -> None:
    rules = [*PACKAGE_RULES, *(rule for name in TARGETS for rule in _rules(name))]
    assert all(rule.reason for rule in rules)


def _rules(name: str) -> tuple[Rule, ...]:
    return interpreter_rules(TARGETS[name].system)


@pytest.mark.parametrize("target", [LINUX, MAC], ids=str)
def test_libpython_stays_where_something_is_linked_with_it(
    target: Target, pruned: MakePruned
) -> None:
    name = {"linux": "libpython3.14.so.1.0", "macos": "libpython3.14.dylib"}[target.system]
    module = "python/lib/python3.14/lib-dynload/_other.so"
    python = pruned(target, [file(module, native(target, ("libm", name)))])
    assert (python / "lib" / name).exists()


def test_libpython_goes_if_only_pruned_files_are_linked_with_it(pruned: MakePruned) -> None:
    modules = "python/lib/python3.14/lib-dynload"
    needs = native(LINUX, ("libpython3.14.so.1.0",))
    python = pruned(LINUX, [file(f"{modules}/_testembed.so", needs)])
    assert not list((python / "lib").glob("libpython*"))


def test_a_damaged_library_is_an_error(pruned: MakePruned) -> None:
    module = file("python/lib/python3.14/lib-dynload/_x.so", native(LINUX, ("libc",))[:90])
    with pytest.raises(ArchiveError, match=r"_x\.so"):
        pruned(LINUX, [module])


def test_zlib_stays_on_windows_where_another_module_needs_it(pruned: MakePruned) -> None:
    module = file("python/DLLs/zlib.pyd", native(WINDOWS, ("ZLIB1.dll",)))
    assert (pruned(WINDOWS, [module]) / "DLLs/zlib1.dll").exists()


def test_dead_links_go(pruned: MakePruned, tmp_path: Path) -> None:
    inside = [
        link("python/lib/python3.14/gone.py", "turtle.py"),
        link("python/lib/python3.14/alias.py", "os.py"),
        link("python/lib/tkinter", "python3.14/tkinter"),
    ]
    library = pruned(LINUX, inside) / "lib/python3.14"
    assert not (library / "gone.py").is_symlink()
    assert not (library.parent / "tkinter").is_symlink()
    assert (library / "alias.py").read_text() == (library / "os.py").read_text()
    (tmp_path / "outside.py").touch()
    (library / "sitecustomize.py").symlink_to(tmp_path / "outside.py")
    prune_interpreter(library.parent.parent, LINUX)
    assert not (library / "sitecustomize.py").is_symlink()
    assert (tmp_path / "outside.py").exists()


def test_pruning_again_changes_nothing(pruned: MakePruned) -> None:
    python = pruned(LINUX)
    before = names(python)
    prune_interpreter(python, LINUX)
    assert names(python) == before


def test_the_folder_of_modules_stays_though_empty(tmp_path: Path) -> None:
    modules = tmp_path / "lib/python3.14/lib-dynload"
    modules.mkdir(parents=True)
    prune_interpreter(tmp_path, LINUX)
    assert modules.is_dir()


PACKAGES = {
    "django/conf/locale/__init__.py",
    "django/contrib/admin/models.py",
    "django/contrib/admin/tests.py",
    "django/test/client.py",
    "django/conf/app_template/tests.py-tpl",
    "shop/tests/test_cart.py",
    "shop/locale/fr/LC_MESSAGES/django.mo",
    "shop/py.typed",
    "shop/fast.so",
    "django-6.1.3.dist-info/RECORD",
    "shop-1.0.dist-info/licenses/LICENSE",
    "shop/sboms/bill.json",
    # Of their kind nothing is known, so all of it is data.
    *("shop/schema.h", "shop/kernels/add.c", "shop/kernels/add.cpp", "shop/include/shop.h"),
    *("shop/docs/help.md", "shop/examples/first.txt", "shop/tests/data.json", "shop/fast.pxd"),
    *("shop/stubs/only_stub.pyi", "shop/locale/xx/LC_MESSAGES/django.po", "shop/locale/a.pot"),
}
PRUNED_PACKAGES = {
    "django/contrib/admin/tests/test_one.py",
    "django/contrib/gis/geos/tests/test_two.py",
    "django/conf/locale/de/LC_MESSAGES/django.po",
    "shop/locale/fr/LC_MESSAGES/django.po",
    "shop/__pycache__/x.cpython-311.pyc",
    "shop/api.pyi",
    "shop/fast.c",
    "shop/fast.cpp",
    "shop/fast.pyx",
    "numpy/__init__.pyi",
    "numpy/_core/include/numpy/arrayobject.h",
    "lxml/includes/libxml/tree.h",
    "shop-1.0.dist-info/sboms/shop.cdx.json",
}
LOCALES = ("de", "en", "en_GB", "pt", "pt_BR", "sr", "sr_Latn", "zh_Hans", "zh_Hant")


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    for name in PACKAGES | PRUNED_PACKAGES | {"shop/api.py"}:
        _touch(tmp_path / name)
    _write_record(tmp_path, "shop-1.0")
    for folder in ("conf", "contrib/admin"):
        for locale in LOCALES:
            _touch(tmp_path / "django" / folder / "locale" / locale / "LC_MESSAGES/django.mo")
            _touch(tmp_path / "django" / folder / "locale" / locale / "formats.py")
    return tmp_path


def _touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def _write_record(packages: Path, distribution: str) -> None:
    """List everything of the package in the RECORD of a distribution."""
    name = distribution.partition("-")[0]
    found = sorted(path for path in (packages / name).rglob("*") if path.is_file())
    rows = [f"{path.relative_to(packages).as_posix()},,\n" for path in found]
    _touch(packages / f"{distribution}.dist-info" / "RECORD")
    (packages / f"{distribution}.dist-info" / "RECORD").write_text("".join(rows))


_READ = {
    "po": (["shop/locale/de/django.po", "shop/locale/de/django.mo"], "django.po"),
    "pyi": (["shop/api.py", "shop/api.pyi"], "api.pyi"),
    "c": (["shop/fast.c", "shop/fast.cpython-314-x86_64-linux-gnu.so"], "fast.c"),
    "cpp": (["shop/fast.cpp", "shop/fast.pyd"], "fast.cpp"),
    "pyx": (["shop/fast.pyx", "shop/fast.abi3.so"], "fast.pyx"),
}


@pytest.mark.parametrize(
    ("suffix", "code", "goes"),
    [
        ("pyi", "x = self.pyi", True),
        ("c", "return self.c", True),
        ("po", "", True),
        ("pyi", "open('api.pyi')", False),
        ("pyi", 'path.glob("*.pyi")', False),
        ("pyi", "import lazy_loader\nlazy_loader.attach_stub(__name__, __file__)", False),
        ("po", "path.with_suffix('.po')", False),
        ("po", 'f"{language}.po"', False),
        ("c", "compile(source / 'fast.c')", False),
        ("cpp", "KERNEL = 'fast.cpp'", False),
        ("pyx", "suffix = 'pyx'", False),
    ],
)
def test_what_a_package_names_in_its_code_stays(
    tmp_path: Path, suffix: str, code: str, *, goes: bool
) -> None:
    files, name = _READ[suffix]
    for path in files:
        _touch(tmp_path / path)
    _touch(tmp_path / "shop/reader.py")
    (tmp_path / "shop/reader.py").write_text(code, encoding="utf-8")
    _write_record(tmp_path, "shop-1.0")
    prune_packages(tmp_path, None)
    assert (not any(path.name == name for path in tmp_path.rglob("*"))) == goes


@pytest.mark.parametrize(
    ("suffix", "reader"), [("po", "django_rosetta"), ("pyi", "jedi"), ("c", "cffi")]
)
def test_nothing_goes_that_another_package_reads(tmp_path: Path, suffix: str, reader: str) -> None:
    files, _ = _READ[suffix]
    for path in files:
        _touch(tmp_path / path)
    _write_record(tmp_path, "shop-1.0")
    _write_record(tmp_path, f"{reader}-2.0")
    prune_packages(tmp_path, None)
    assert names(tmp_path) >= set(files)


def test_what_was_made_of_a_source_must_be_there(tmp_path: Path) -> None:
    for files, _ in _READ.values():
        _touch(tmp_path / next(name for name in files if not name.endswith((".so", ".pyd", ".mo"))))
    before = names(tmp_path)
    _write_record(tmp_path, "shop-1.0")
    prune_packages(tmp_path, None)
    assert names(tmp_path) >= before - {"shop/api.pyi"}


def _locales(packages: Path, folder: str) -> set[str]:
    return {path.name for path in (packages / folder / "locale").iterdir() if path.is_dir()}


def test_what_is_left_of_packages(packages: Path) -> None:
    prune_packages(packages, None)
    left = names(packages)
    assert left >= PACKAGES
    assert not left & PRUNED_PACKAGES
    assert not (packages / "shop/__pycache__").exists()
    assert _locales(packages, "django/conf") == set(LOCALES)


@pytest.mark.parametrize(
    ("languages", "kept"),
    [
        ([], {"en"}),
        (["en-gb"], {"en", "en_GB"}),
        (["pt-br", "de"], {"en", "de", "pt", "pt_BR"}),
        (["zh-hans"], {"en", "zh_Hans"}),
        (["zh-tw"], {"en", "zh_Hant"}),
        (["sr-latn"], {"en", "sr", "sr_Latn"}),
    ],
)
def test_only_the_languages_of_the_project_are_left(
    languages: list[str], kept: set[str], packages: Path
) -> None:
    prune_packages(packages, languages)
    assert _locales(packages, "django/conf") == kept
    assert _locales(packages, "django/contrib/admin") == kept
    assert (packages / "django/conf/locale/__init__.py").exists()
    assert (packages / "django/conf/locale/en/formats.py").exists()
    assert (packages / "shop/locale/fr/LC_MESSAGES/django.mo").exists()


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("bin/*", "bin/x", "bin/x/y"),
        ("**/*.a", "a/b/c.a", "a/b/c.ab"),
        ("**/*.a", "c.a", "c.a/x"),
        ("lib/tcl*", "lib/tcl9.0", "lib/x/tcl9.0"),
        ("x/*/test", "x/y/test", "x/y/z/test"),
        ("x/**/tests", "x/tests", "y/x/tests"),
        ("x/**/tests", "x/y/z/tests", "x/mytests"),
        ("turtle.py", "turtle.py", "turtleXpy"),
    ],
)
def test_patterns(pattern: str, yes: str, no: str) -> None:
    matches = matcher([Rule(pattern, "a test")])
    assert matches(yes)
    assert not matches(no)


def test_no_rules_match_nothing() -> None:
    assert not matcher([])("")


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "x.py").touch()
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "include").symlink_to(kept)
    prune_interpreter(tree, LINUX)
    assert not (tree / "include").is_symlink()
    assert (kept / "x.py").exists()


def test_the_made_up_archives_hold_links() -> None:
    """The tests above would prove less without them."""
    assert any(member.type == tarfile.SYMTYPE for member in install_only(LINUX))
