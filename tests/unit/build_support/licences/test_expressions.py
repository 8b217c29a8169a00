from __future__ import annotations

import pytest

from build_support.licences.expressions import licence_of, spdx

BSD = "License :: OSI Approved :: BSD License"
MIT = "License :: OSI Approved :: MIT License"
APACHE = "License :: OSI Approved :: Apache Software License"
PYTHON = "Programming Language :: Python"


@pytest.mark.parametrize(
    ("expression", "name", "classifiers", "licence"),
    [
        ("MIT", "", [], "MIT"),
        ("mit", "", [], "MIT"),
        ("MIT OR Apache-2.0", "Other", [BSD], "MIT OR Apache-2.0"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "", [], None),
        ("", "BSD-3-Clause", [BSD], "BSD-3-Clause"),
        ("", "ZPL 2.1", [], "ZPL-2.1"),
        ("", "Apache License, Version 2.0", [], "Apache-2.0"),
        ("", "", [MIT, PYTHON], "MIT"),
        ("", "", [MIT, APACHE], "Apache-2.0 OR MIT"),
        ("", "", [BSD, PYTHON], "BSD License"),
        ("", "", [BSD, MIT], "BSD License, MIT License"),
        ("", "UNKNOWN", [MIT], "MIT"),
        ("", "Copyright (c) Somebody\n\nPermission is hereby granted", [MIT], "MIT"),
        ("", "A licence of our own", [], "A licence of our own"),
        ("not really SPDX", "MIT", [], "MIT"),
        ("", "", [], ""),
    ],
)
def test_finds_the_licence(
    expression: str, name: str, classifiers: list[str], licence: str | None
) -> None:
    assert licence_of(expression, name, classifiers) == (expression if licence is None else licence)


@pytest.mark.parametrize("text", ["", " ", "BSD", "MIT and then some", "(MIT", "LGPL-2.1+ foo"])
def test_what_is_no_expression(text: str) -> None:
    assert not spdx(text)
