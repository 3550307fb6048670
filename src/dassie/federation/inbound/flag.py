"""Flag: another server reports people here, or what they wrote.

Mastodon and GoToSocial name the account and its posts by id and sign as the server, Mastodon 4.6 its collections, too;
Pleroma embeds account and posts; Misskey names the account alone; Lemmy and Mbin name one post alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from dassie.domain.ids import INSTANCE_ACCOUNT_ID
from dassie.domain.reports import MOST_A_DAY
from dassie.domain.text import clean
from dassie.federation.inbound.registry import Dropped, Received, actor_of, inbound, last_change
from dassie.federation.receiving import own_actor_uri, own_status_uri
from dassie.federation.vocab.activities import ActivityDoc
from dassie.server import Server
from dassie.services import blocking_servers, reporting
from dassie.store import accounts, collections, reports, senders
from dassie.store.tx import Tx
from dassie.store.views import AccountView


@dataclass(frozen=True, slots=True)
class _Named:
    """What of one account is named."""

    status_ids: list[int] = field(default_factory=list)
    collection_ids: list[int] = field(default_factory=list)


@inbound("Flag")
async def on_flag(server: Server, received: Received) -> None:
    """File a report for each account of ours that it is about; told again, nothing more happens."""
    activity = received.activity
    async with last_change(server) as tx:
        reporter = await actor_of(tx, received)
        if await blocking_servers.rejects_reports(tx, reporter.domain):
            raise Dropped("reports_rejected")
        targets = await _targets(tx, server, activity)
        if not targets:
            raise Dropped("nobody_here")
        if await reports.of_last_day(tx, reporter.domain) + len(targets) > MOST_A_DAY:
            raise Dropped("too_many_reports")
        comment = clean(activity.content).strip()
        for target, named in targets:
            uri = _uri(activity, target)
            await reporting.receive(
                tx, server, reporter, target, named.status_ids, comment, uri, collection_ids=named.collection_ids
            )


async def _targets(tx: Tx, server: Server, activity: ActivityDoc) -> list[tuple[AccountView, _Named]]:
    """Accounts of ours that are named, or whose posts or collections are, each with those."""
    people = await senders.account_ids(tx, [own_actor_uri(server.urls, uri) for uri in activity.object_ids])
    posts = await senders.known_statuses(tx, [own_status_uri(server.urls, uri) for uri in activity.object_ids])
    by_account = {id: _Named() for id, local in people.values() if local}
    for post in sorted(posts.values(), key=lambda one: one.id):
        if post.local:
            by_account.setdefault(post.account_id, _Named()).status_ids.append(post.id)
    for curated in sorted(await collections.by_addresses(tx, activity.object_ids), key=lambda one: one.id):
        if curated.local:
            by_account.setdefault(curated.account_id, _Named()).collection_ids.append(curated.id)
    known = await accounts.by_ids(tx, list(by_account))
    return [
        (known[id], named)
        for id, named in by_account.items()
        if id in known and id != INSTANCE_ACCOUNT_ID and known[id].suspended_at is None
    ]


def _uri(activity: ActivityDoc, target: AccountView) -> str:
    """What makes a second coming known: one Flag may be about several people."""
    said = activity.id or sha256(f"{activity.content} {activity.object_ids}".encode()).hexdigest()
    return f"{activity.actor} {said} {target.id}"
