"""Create: somebody elsewhere wrote a post, or voted in a poll of ours."""

from __future__ import annotations

from dassie.federation.inbound import posts
from dassie.federation.inbound.registry import Dropped, Received, inbound, last_change, remote_account
from dassie.server import Server

MAX_OBJECTS = 20
"""GoToSocial puts several votes into one Create."""


@inbound("Create")
async def on_create(server: Server, received: Received) -> None:
    """Store the post and bring it to followers here. Delivered twice, it changes nothing the second time.

    Nothing is fetched but a post that is only named: what it answers is asked for by another job.
    """
    notes = [await posts.note_of(server, received, ref) for ref in received.activity.objects[:MAX_OBJECTS]]
    authors = [await posts.author_of(server, received, note) for note in notes]
    async with last_change(server) as tx:
        dropped: list[Dropped] = []
        for note, author in zip(notes, authors, strict=True):
            try:
                author_here = await remote_account(tx, author)
                await posts.take_new(tx, server, note, author_here, received.recipient, received.relay_id)
            except Dropped as one:
                dropped.append(one)
        if dropped and len(dropped) == len(notes):
            raise dropped[0]
