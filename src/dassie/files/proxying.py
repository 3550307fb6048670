"""Other servers' files under signed addresses of ours: nobody's address is told to them, nothing is fetched unseen."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import BinaryIO

from dassie.domain.errors import NotAllowed, NotFound
from dassie.door.limits import MEDIA_PROXY, MEDIA_PROXY_HERE
from dassie.files.routing import SAFE, Look, get
from dassie.files.sending import FOREVER, send_file
from dassie.services.caching_media import CACHE, RULES, Flight

MAX_DATA = 6_000


@get("/media_proxy/{kind}/{proof}/{data}")
async def show_remote_file(look: Look, kind: str, proof: str, data: str) -> None:
    """Another server's file, from our disk or fetched now. Only addresses that we made are answered."""
    url = _address(look, kind, proof, data)
    server, request = look.server, look.request
    kept = await CACHE.kept(server, kind, url)
    if kept is None:
        # Only what has to be fetched counts: a page of known pictures costs nobody anything.
        _count(look)
        flight = CACHE.fetch(server, kind, url)
        await flight.began()
        if _passes_on(look, flight) and (file := _opened(flight)) is not None:
            await _pass_on(look, flight, file)
            return
        kept = await flight.done()
    # A file under this address may be another once it was forgotten and fetched again.
    await send_file(server, request, kept.file_key, kept.file_type, version=f"{kept.size:x}")
    await CACHE.seen(server, kept)


def _count(look: Look) -> None:
    address, now = look.request.client_group, look.server.clock.now()
    look.limits.count(MEDIA_PROXY_HERE if look.limits.is_home(address, now) else MEDIA_PROXY, address, now)


def _address(look: Look, kind: str, proof: str, data: str) -> str:
    if kind not in RULES or len(data) > MAX_DATA:
        raise NotFound("There is no such file")
    try:
        url = base64.b64decode(data + "=" * (-len(data) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise NotFound("There is no such file") from None
    if not hmac.compare_digest(look.server.urls.proof(kind, url).encode(), proof.encode("utf-8", "replace")):
        raise NotAllowed("This address was not made here")
    return url


def _passes_on(look: Look, flight: Flight) -> bool:
    """Whether the file is sent while it comes in: somebody wants it whole, and as it is."""
    whole = look.request.headers.get("range", "bytes=0-").strip() == "bytes=0-"
    return flight.type is not None and not flight.over and look.request.method == "GET" and whole


def _opened(flight: Flight) -> BinaryIO | None:
    try:
        return flight.path.open("rb")
    except FileNotFoundError:  # complete, and on its way to where it is kept
        return None


async def _pass_on(look: Look, flight: Flight, file: BinaryIO) -> None:
    with file:
        headers = [*SAFE, ("content-type", flight.type or ""), ("cache-control", FOREVER)]
        if flight.length is not None:
            headers.append(("content-length", str(flight.length)))
        await look.request.start(200, headers)
        async for chunk in flight.follow(file):
            await look.request.more(chunk)
        await look.request.finish()
