from build_support.lists import listed


def test_every_item_is_on_a_line_of_its_own() -> None:
    assert listed(["a", 2], most=2) == "a\n2"


def test_items_beyond_the_most_are_counted() -> None:
    assert listed("abcd", most=3) == "a\nb\nc\nand 1 more"


def test_a_list_of_nothing_is_empty() -> None:
    assert listed([], most=3) == ""
