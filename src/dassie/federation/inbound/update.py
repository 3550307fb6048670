"""Update: a post was edited, its poll has new tallies, or a profile changed."""

from __future__ import annotations

from dassie.federation.inbound import curated, posts
from dassie.federation.inbound.registry import Dropped, Received, inbound
from dassie.federation.origin import Found
from dassie.federation.remote import remote_of
from dassie.federation.vocab.actors import ACTORS
from dassie.federation.vocab.documents import plain
from dassie.federation.vocab.values import Ref
from dassie.server import Server
from dassie.store import accounts, materials


@inbound("Update")
async def on_update(server: Server, received: Received) -> None:
    """Change what is stored; an older version than ours changes nothing."""
    for ref in received.activity.objects[:1]:
        if ref.type in ACTORS or ref.id == received.activity.actor:
            await _profile(server, received, ref)
        elif await curated.updated(server, received, ref):
            continue
        else:
            await posts.take_any(server, received, await posts.note_of(server, received, ref))


async def _profile(server: Server, received: Received, ref: Ref) -> None:
    """An account tells what it is now; only of itself."""
    actor = received.activity.actor
    if ref.id != actor:
        raise Dropped("not_author")
    if ref.doc is not None and ref.doc.get("inbox") and received.by_actor:
        async with server.read() as tx:
            known = await accounts.by_uri(tx, actor)
            stranger = known is not None and await materials.is_trusted(tx, known.id)
        await remote_of(server).take_actor(Found(actor, plain(ref.doc)), thorough=not stranger)
    else:
        await server.remote.account(actor, fresh=True)
