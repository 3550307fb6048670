"""Documents of our statuses, read from the database and rendered."""

from __future__ import annotations

from dassie.domain.urls import Urls
from dassie.federation.outbound import activities
from dassie.federation.outbound.notes import Audience, audience, render_note
from dassie.federation.outbound.terms import Doc
from dassie.store import accounts, outgoing, statuses
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow


async def note_of(tx: Tx, urls: Urls, row: StatusRow) -> Doc:
    """The Note or Question of a status of ours, without context."""
    view = (await statuses.assemble(tx, [row], viewer=None))[row.id]
    return render_note(view, await outgoing.parts_of(tx, view), urls, tx.now)


async def announce_of(tx: Tx, urls: Urls, row: StatusRow) -> Doc | None:
    """The Announce of a reblog of ours; None where the status is gone."""
    original = await statuses.by_id(tx, row.reblog_of_id) if row.reblog_of_id is not None else None
    if original is None:
        return None
    people = await accounts.by_ids(tx, [row.account_id, original.account_id])
    me, author = people[row.account_id], people[original.account_id]
    to = reblog_audience(urls, me, row.visibility, author.uri)
    return activities.announce(row.uri, me.uri, original.uri, row.created_at, to)


async def activity_of(tx: Tx, urls: Urls, row: StatusRow) -> Doc | None:
    """The activity that brought a status or reblog of ours into the world."""
    if row.reblog_of_id is not None:
        return await announce_of(tx, urls, row)
    return activities.create(await note_of(tx, urls, row))


def reblog_audience(urls: Urls, me: AccountView, visibility: str, author_uri: str | None) -> Audience:
    """To whom a reblog is addressed; its author is told where named."""
    to = audience(visibility, urls.collection(me.username, "followers"), [])
    return Audience(to.to, [*to.cc, author_uri] if author_uri else to.cc)
