"""Parts of long lists: cursors in, Link header out (limits_and_rules section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import quote, urlencode

from dassie.domain.paging import Page
from dassie.door import taking as take
from dassie.door.forms import Params

if TYPE_CHECKING:
    from dassie.api.routing import Call, Reply

B = TypeVar("B")

__all__ = ["Page", "linked", "paged", "read_offset", "read_page"]

OFFSET = take.integer("offset", "How many to pass over.", least=0)


def read_page(params: Params, default: int, most: int) -> Page:
    """`max_id`, `since_id`, `min_id` and `limit` of a request."""
    wanted = params.limit(default, most)
    return Page(limit=wanted, max_id=params.id("max_id"), since_id=params.id("since_id"), min_id=params.id("min_id"))


def read_offset(params: Params) -> int:
    """How many are to be passed over, in lists that have no cursors."""
    return params.integer("offset", least=0) or 0


def paged(
    call: Call,
    shown: B,
    ids: Sequence[int],
    *,
    prev: Literal["min_id", "since_id"] = "min_id",
    keep: Sequence[str] = (),
    full: bool = True,
) -> Reply[B]:
    """The answer with a Link header. `ids` are the cursors of the page, newest first; `keep` names the filters
    that the links repeat; `full=False` says that nothing older follows."""
    from dassie.api.routing import Reply

    return Reply(shown, headers=linked(call, ids, prev=prev, keep=keep, full=full))


def linked(
    call: Call, ids: Sequence[int], *, prev: str = "min_id", keep: Sequence[str] = (), full: bool = True
) -> list[tuple[str, str]]:
    """The Link header of a page; none for an empty one."""
    if not ids:
        return []
    kept: list[tuple[str, str]] = []
    for name in ("limit", *keep):
        value = call.params.get(name)
        if isinstance(value, list):
            kept += [(f"{name}[]", str(item)) for item in value]
        elif value is not None and not isinstance(value, dict):
            kept.append((name, str(value).lower() if isinstance(value, bool) else str(value)))
    path = quote(call.request.path, safe="/:@")
    base = f"{call.urls.base}{path}?{urlencode(kept)}{'&' if kept else ''}"
    newer = f'<{base}{prev}={ids[0]}>; rel="prev"'
    return [("link", f'<{base}max_id={ids[-1]}>; rel="next", {newer}' if full else newer)]
