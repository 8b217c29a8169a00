"""The licence of a Python distribution, out of the three places where its metadata may tell it.

Sources: PEP 639 (License-Expression), the core metadata specification, PyPI's classifiers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cyclonedx.spdx import fixup_id, is_expression

_PREFIX = "License :: "
#: Classifiers that stand for exactly one licence. "BSD License" and the like stand for several.
_CLASSIFIERS: Mapping[str, str] = {
    "Apache Software License": "Apache-2.0",
    "Boost Software License 1.0 (BSL-1.0)": "BSL-1.0",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "zlib/libpng License": "Zlib",
}
#: Names that makers write, by their lower-case form.
_NAMES: Mapping[str, str] = {
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license 2.0": "Apache-2.0",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "3-clause bsd": "BSD-3-Clause",
    "bsd 2-clause": "BSD-2-Clause",
    "mit license": "MIT",
    "mpl 2.0": "MPL-2.0",
    "psf": "PSF-2.0",
    "zpl 2.1": "ZPL-2.1",
}
_NO_NAMES = frozenset({"unknown", "none"})
_LONGEST_NAME = 100


def licence_of(expression: str, name: str, classifiers: Sequence[str]) -> str:
    """Return an SPDX expression, else the name that the makers use, else an empty text.

    Of the metadata's fields License-Expression, License and Classifier. Some projects put the
    whole text into License; that is no name.
    """
    if normal := spdx(expression):
        return normal
    short = name.strip()
    if "\n" in short or len(short) > _LONGEST_NAME or short.lower() in _NO_NAMES:
        short = ""
    if normal := spdx(_NAMES.get(short.lower(), short)):
        return normal
    said = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith(_PREFIX)]
    known = [_CLASSIFIERS[each] for each in said if each in _CLASSIFIERS]
    if known and len(known) == len(said):
        # Several are offered to choose from: metadata has no way to say that all apply.
        return " OR ".join(sorted(set(known)))
    return short or ", ".join(sorted(set(said)))


def spdx(expression: str) -> str:
    """Return an expression with names spelled as SPDX does; empty when it is not one of SPDX."""
    text = " ".join(expression.split())
    return fixup_id(text) or (text if is_expression(text) else "")
