"""Write the generated tables into the pages, and say which pages have changed."""

from __future__ import annotations

import sys

from docs.generate.pages import PAGES, current, generated

for path in PAGES:
    if current(path) != (text := generated(path)):
        path.write_text(text, encoding="utf-8", newline="\n")
        sys.stdout.write(f"wrote {path}\n")
