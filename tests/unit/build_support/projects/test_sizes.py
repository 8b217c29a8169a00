from __future__ import annotations

import pytest

from build_support.projects.sizes import parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1 B", 1),
        ("2 GB", 2_000_000_000),
        ("2GB", 2_000_000_000),
        (" 2 gb ", 2_000_000_000),
        ("1 kB", 1000),
        ("1 KiB", 1024),
        ("1.5 MiB", 3 << 19),
        ("0.001 kB", 1),
        ("4 TB", 4_000_000_000_000),
        ("1 TiB", 1 << 40),
        ("0 MB", 0),
    ],
)
def test_a_size_is_a_number_and_a_unit(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text",
    ["", "2", "GB", "2  GB", "2 G", "-2 GB", "2,5 GB", ".5 GB", "2. GB", "2 GB 5", "2 PB", "٢ GB",
     "1e3 MB", "0x2 MB", "2 GB\n3"],
)  # fmt: skip
def test_anything_else_is_not_a_size(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number and a unit"):
        parse_size(text)
