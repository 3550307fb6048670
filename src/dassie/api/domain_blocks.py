"""Servers that the caller blocks."""

from __future__ import annotations

from dassie.api.entities.domain_blocks import DomainBlockPreview
from dassie.api.entities.shapes import Empty
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply, delete, get, post
from dassie.door import taking as take
from dassie.services import blocking_domains
from dassie.store import domain_blocks


@get("/api/v1/domain_blocks", scope="read:blocks|follow", takes=[*take.page(100, 200)])
async def list_domain_blocks(call: Call) -> Reply[list[str]]:
    """Domains, the latest first."""
    page = call.page(100, 200)
    async with call.server.read() as tx:
        found = await domain_blocks.of(tx, call.me.id, page)
    shown = [domain for _, domain in found]
    return paged(call, shown, [id for id, _ in found], prev="since_id", full=len(found) >= page.limit)


@get(
    "/api/v1/domain_blocks/preview", scope="write:blocks|follow", takes=[take.text("domain", required=True, most=1000)]
)
async def preview_domain_block(call: Call) -> DomainBlockPreview:
    """How many follows a block would end."""
    domain = blocking_domains.named(call.server, call.params.text("domain", required=True, most=1000) or "")
    async with call.server.read() as tx:
        found = await domain_blocks.ties(tx, call.me.id, domain)
    return {"following_count": found.following, "followers_count": found.followers}


@post("/api/v1/domain_blocks", scope="write:blocks|follow", takes=[take.text("domain", required=True, most=1000)])
async def block_domain(call: Call) -> Empty:
    """Have nothing to do with a server. Twice is once."""
    text = call.params.text("domain", required=True, most=1000) or ""
    async with call.server.write() as tx:
        await blocking_domains.block(tx, call.server, call.me, text)
    return {}


@delete("/api/v1/domain_blocks", scope="write:blocks|follow", takes=[take.text("domain", required=True, most=1000)])
async def unblock_domain(call: Call) -> Empty:
    """Lift the block."""
    text = call.params.text("domain", required=True, most=1000) or ""
    async with call.server.write() as tx:
        await blocking_domains.unblock(tx, call.server, call.me, text)
    return {}
