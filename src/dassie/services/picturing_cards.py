"""The picture of a link card was fetched: its shape and its blur are known from now on."""

from __future__ import annotations

from collections.abc import Sequence

from dassie.ports import ProcessedMedia
from dassie.server import Server
from dassie.services import watching
from dassie.store import cards
from dassie.store.tx import Tx


async def pictured(server: Server, url: str, made: ProcessedMedia) -> None:
    """Note what was made of the picture at `url` with the cards that show it. No unit may be open."""
    size = made.meta.get("original", {})
    async with server.write() as tx:
        tell(
            tx,
            server,
            await cards.pictured(tx, url, made.blurhash, size.get("width", 0), size.get("height", 0)),
        )


async def without_picture(server: Server, url: str) -> None:
    """Cards that name this picture go without."""
    async with server.write() as tx:
        tell(tx, server, await cards.without_picture(tx, url))


def tell(tx: Tx, server: Server, changed: Sequence[int]) -> None:
    """Those who have these statuses before them hear that they changed."""

    def publish() -> None:
        for id in changed:
            watching.tell_status(server, id)

    if changed:
        tx.after_commit(publish)
