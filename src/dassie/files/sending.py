"""Sending a stored file: whole or a part, or only that it did not change (RFC 9110 sections 13 and 14)."""

from __future__ import annotations

from hashlib import sha256

from dassie.domain.errors import NotFound
from dassie.domain.ranges import read_range
from dassie.door.request import Request
from dassie.files.routing import SAFE
from dassie.server import Server

FOREVER = "public, max-age=31536000, immutable"


async def send_file(server: Server, request: Request, key: str, content_type: str | None) -> None:
    """Answer with the file. Without a type that a page may show it is only offered for download."""
    size = await server.media_files.size(key)
    if size is None:
        raise NotFound("There is no such file")
    etag = f'"{sha256(key.encode()).hexdigest()[:20]}-{size:x}"'
    headers = [*SAFE, ("cache-control", FOREVER), ("etag", etag), ("accept-ranges", "bytes")]
    if content_type is None:
        headers.append(("content-disposition", "attachment"))
    if _unchanged(request, etag):
        await request.start(304, headers)
        await request.finish()
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


def _unchanged(request: Request, etag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    return given.strip() == "*" or etag in [one.strip().removeprefix("W/") for one in given.split(",")]


def _range_counts(request: Request, etag: str) -> bool:
    """`If-Range` names the version that the client has a part of."""
    return request.method == "GET" and "range" in request.headers and request.headers.get("if-range", etag) == etag
