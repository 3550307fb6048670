"""Sending a stored file: whole or a part, or only that it did not change (RFC 9110 sections 13 and 14)."""

from __future__ import annotations

from dassie.domain.errors import NotFound
from dassie.domain.etags import etag_of, has_it
from dassie.domain.ranges import read_range
from dassie.door.request import Request
from dassie.files.routing import SAFE
from dassie.server import Server

FOREVER = "public, max-age=31536000, immutable"


async def send_file(
    server: Server, request: Request, key: str, content_type: str | None, *, version: str | None = None
) -> None:
    """Answer with the file. Without a type that a page may show it is only offered for download.

    `version` tells the content of this key from what it was before. None: there is only one, as the key is made of
    the content; who has that already gets its answer without a look at the disk.
    """
    etag = etag_of((key if version is None else f"{key} {version}").encode())
    headers = [*SAFE, ("cache-control", FOREVER), ("etag", etag), ("accept-ranges", "bytes")]
    if content_type is None:
        headers.append(("content-disposition", "attachment"))
    given = request.headers.get("if-none-match", "")
    unchanged = has_it(given, etag)
    if unchanged and given.strip() != "*":
        server.counters.add("surge.not_modified")
        await _not_modified(request, headers)
        return
    size = await server.media_files.size(key)
    if size is None:
        raise NotFound("There is no such file")
    if unchanged:
        await _not_modified(request, headers)
        return
    start, end, code = 0, size, 200
    part = read_range(request.headers["range"], size) if _range_counts(request, etag) else None
    if part is not None and part.empty:
        await request.start(416, [*headers, ("content-range", f"bytes */{size}"), ("content-length", "0")])
        await request.finish()
        return
    if part is not None:
        start, end, code = part.start, part.end, 206
        headers.append(("content-range", f"bytes {start}-{end - 1}/{size}"))
    headers += [("content-type", content_type or "application/octet-stream"), ("content-length", str(end - start))]
    await request.start(code, headers)
    if request.method != "HEAD" and end > start:
        async for chunk in server.media_files.read(key, start, end):
            await request.more(chunk)
    await request.finish()


async def _not_modified(request: Request, headers: list[tuple[str, str]]) -> None:
    await request.start(304, headers)
    await request.finish()


def _range_counts(request: Request, etag: str) -> bool:
    """`If-Range` names the version that the client has a part of."""
    return request.method == "GET" and "range" in request.headers and request.headers.get("if-range", etag) == etag
