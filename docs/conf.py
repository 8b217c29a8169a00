"""How Sphinx builds the documentation: `nox -s docs`."""

from __future__ import annotations

import tomllib
from pathlib import Path

_PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"

project = "DJDesk"
author = "DJDesk contributors"
project_copyright = author
release = str(tomllib.loads(_PYPROJECT.read_text(encoding="utf-8"))["project"]["version"])

extensions = ["myst_parser"]
exclude_patterns = ["generate"]
nitpicky = True
# Most blocks without a language are listings of files.
highlight_language = "none"
# Two dashes are an option, not a dash.
smartquotes = False
# Links such as page.md#a-heading are checked.
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"DJDesk {release}"
html_static_path = ["static"]
html_css_files = ["djdesk.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0f6b4a", "color-brand-content": "#0f6b4a"},
    "dark_css_variables": {"color-brand-primary": "#57c99b", "color-brand-content": "#57c99b"},
}
