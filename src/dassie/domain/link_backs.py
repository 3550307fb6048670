"""Whether a page links back to a profile with `rel="me"`: who can write it says by that whose profile it is."""

from __future__ import annotations

from collections.abc import Collection

from dassie.domain.html import links, plain
from dassie.domain.html_shape import TOKEN, attributes
from dassie.domain.page_details import MAX_PAGE, only

_LINKS = frozenset({"a", "link"})
MAX_URL = 2_000


def address_in(value: str) -> str | None:
    """The address that is all there is to a field (`value` is its HTML); None where it says something else."""
    found = links(value)
    if len(found) != 1 or len(found[0]) > MAX_URL or plain(value).replace(" ", "") != found[0]:
        return None
    return found[0]


def links_back(page: str, profiles: Collection[str]) -> bool:
    """Whether `page` has a link of kind `me` to one of these addresses. Never raises; linear in the length."""
    wanted = {_same(one) for one in profiles}
    for token in TOKEN.finditer(only(page[:MAX_PAGE], _LINKS)):
        if (token[1] or "").lower() not in _LINKS or token[0].startswith("</"):
            continue
        given = attributes(token[2])
        if "me" in given.get("rel", "").lower().split() and _same(given.get("href", "")) in wanted:
            return True
    return False


def _same(url: str) -> str:
    return url.strip().lower().rstrip("/")
