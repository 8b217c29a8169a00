"""Symbolic links in an archive, followed before anything is written."""

from __future__ import annotations

from collections.abc import Mapping

from build_support.trees import portable_names

_MOST_FOLLOWED = 40


def link_problem(name: str, links: Mapping[str, str], *, top: tuple[str, ...] = ()) -> str:
    """Return why a link may not be extracted, as the end of "it …", or nothing.

    `links` are the targets of all links by `folded` name: which parts of a target are links
    themselves decides where it leads. At no step may it leave the folder `top`.
    """
    *where, last = name.split("/")
    ahead = [last]
    followed = 0
    while ahead:
        part = ahead.pop()
        if part == "..":
            if not where:
                return "is a link that leaves the tree"
            where.pop()
        elif part not in {"", "."}:
            where.append(part)
        if tuple(where[: len(top)]) != top:
            return "is a link that leaves the tree"
        target = links.get(portable_names.folded("/".join(where)))
        if target is not None:
            where.pop()
            ahead.extend(reversed(target.split("/")))
            followed += 1
        if followed > _MOST_FOLLOWED:
            return "is a link that leads in a circle"
    return ""
