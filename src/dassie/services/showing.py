"""Statuses as pages show them: with what they quote."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from dassie.domain.ids import AccountId
from dassie.store import quotes, statuses
from dassie.store.quotes import Seen
from dassie.store.tx import Tx
from dassie.store.views import QuoteView, StatusView


async def show(tx: Tx, ids: Sequence[int], *, viewer: AccountId | None) -> list[StatusView]:
    """The statuses with these ids as `viewer` sees them, in this order; what may not be seen is left out.

    Quoted statuses stand in those that quote them; what these quote themselves is only named.
    """
    found = await statuses.show(tx, ids, viewer=viewer)
    quoting = [one.proper.id for one in found if one.proper.row.quote_uri is not None]
    if not quoting:
        return found
    seen = await quotes.seen(tx, quoting, viewer=viewer)
    quoted = await statuses.show(tx, quotes.shown_in(seen), viewer=viewer)
    inside: dict[int, StatusView] = {one.id: one for one in quoted}
    return [_with_quote(one, seen, inside) for one in found]


def _with_quote(view: StatusView, seen: dict[int, Seen], inside: dict[int, StatusView]) -> StatusView:
    one = seen.get(view.proper.id)
    if one is None:
        return view
    quoted = inside.get(one.outer.quoted_id or 0) if one.outer.is_shown else None
    if quoted is not None and one.inner is not None:
        quoted = structs.replace(quoted, quote=QuoteView(one.inner.shown_state, one.inner.quoted_id))
    quote = QuoteView(one.outer.shown_state, one.outer.quoted_id, quoted)
    if view.reblog is not None:
        return structs.replace(view, reblog=structs.replace(view.reblog, quote=quote))
    return structs.replace(view, quote=quote)
