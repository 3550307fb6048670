"""What people here do with collections of recommended accounts, told to other servers."""

from __future__ import annotations

import msgspec

from dassie.domain.ids import new_id
from dassie.domain.jobs import PublishCollection, TellFeature
from dassie.federation.curated import agreed
from dassie.federation.delivery import send
from dassie.federation.outbound import curated
from dassie.federation.outbound.terms import Doc
from dassie.jobs.current import finish_with
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.store import accounts, collections, follows, senders
from dassie.store.accounts import Endpoints
from dassie.store.collections import Collection
from dassie.store.tx import Tx
from dassie.store.views import AccountView

_encode = msgspec.json.Encoder().encode


@handles(PublishCollection)
async def publish_collection(server: Server, job: PublishCollection) -> None:
    """Send it to the servers of those who follow the owner, and of those in the collection.

    What is not to be discovered is only told to the latter.
    """
    async with server.write() as tx:
        owner = await accounts.by_id(tx, job.account_id)
        one = await collections.by_id(tx, job.collection_id)
        if owner is not None and owner.suspended_at is None:
            doc = await _changed(tx, server, job, owner, one)
            if doc is not None:
                inboxes = [*await _inboxes(tx, owner, one), *job.inboxes]
                await send(tx, owner.id, _encode(doc), inboxes, order=job.uri)
        await finish_with(tx)


async def _changed(
    tx: Tx, server: Server, job: PublishCollection, owner: AccountView, one: Collection | None
) -> Doc | None:
    """The activity; None where what it is about is gone meanwhile."""
    uri, whole = f"{owner.uri}#collections/{new_id(tx.now)}", server.urls.curated(owner.id)
    if job.what == "remove":
        return curated.remove(uri, owner.uri, whole, job.uri)
    if job.what == "remove_item":
        return curated.remove(uri, owner.uri, job.uri, job.item_uri)
    if one is None:
        return None
    people = await agreed(tx, one)
    if job.what == "add_item":
        new = next((curated.item(item, account) for item, account in people if item.id == job.item_id), None)
        return curated.add(uri, owner.uri, one.uri, new) if new is not None else None
    made = curated.collection(one, people, owner, server.urls)
    return curated.update(made, one) if job.what == "update" else curated.add(uri, owner.uri, whole, made)


async def _inboxes(tx: Tx, owner: AccountView, one: Collection | None) -> list[str]:
    found: list[str] = []
    if one is None or one.discoverable:
        found += [inbox for inbox, _ in await follows.follower_inboxes(tx, owner.id)]
    if one is not None:
        ids = [account.id for _, account in await agreed(tx, one) if not account.local]
        members = await accounts.endpoints(tx, ids)
        found += [them.inbox for them in members.values() if them.inbox]
    return found


@handles(TellFeature)
async def tell_feature(server: Server, job: TellFeature) -> None:
    """Send a question, an answer, or a change of mind to one server."""
    async with server.write() as tx:
        me = await accounts.by_id(tx, job.account_id)
        them = (await accounts.endpoints(tx, [job.to_account_id])).get(job.to_account_id)
        if me is not None and them is not None and await _reachable(tx, them):
            inboxes = [them.inbox_url]
            if job.what == "withdraw":  # whoever follows may have read the collection too
                inboxes += [inbox for inbox, _ in await follows.follower_inboxes(tx, me.id)]
            doc = _told(job, me, them.uri, new_id(tx.now))
            await send(tx, me.id, _encode(doc), inboxes, order=f"{me.uri} {job.collection_uri}")
        await finish_with(tx)


async def _reachable(tx: Tx, them: Endpoints) -> bool:
    remote = bool(them.domain and them.inbox_url) and them.suspended_at is None
    return remote and not await senders.is_suspended(tx, them.domain)


def _told(job: TellFeature, me: AccountView, to: str, number: int) -> Doc:
    match job.what:
        case "request":
            return curated.request(job.request_uri, me.uri, to, job.collection_uri)
        case "accept":
            uri = f"{me.uri}#accepts/feature_requests/{number}"
            return curated.answer("Accept", uri, me.uri, to, job.request_uri, job.authorization_uri)
        case "reject":
            uri = f"{me.uri}#rejects/feature_requests/{number}"
            return curated.answer("Reject", uri, me.uri, to, job.request_uri)
        case "withdraw":
            proof = curated.authorization(job.authorization_uri, job.collection_uri, me.uri)
            return curated.withdraw(me.uri, proof)
