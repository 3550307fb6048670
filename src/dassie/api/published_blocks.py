"""Servers that this one keeps away, for those who may know."""

from __future__ import annotations

from dassie.api.entities.published_blocks import DomainBlock, show_block
from dassie.api.routing import Call, get
from dassie.domain.errors import NotFound
from dassie.services import blocking_servers


@get("/api/v1/instance/domain_blocks", takes=[])
async def published_blocks(call: Call) -> list[DomainBlock]:
    """Limited and suspended servers, the suspended first; 404 where the owner does not publish them."""
    async with call.server.read() as tx:
        found = await blocking_servers.published(tx, signed_in=call.viewer is not None)
    if found is None:
        raise NotFound
    return [show_block(one, reasons=found.reasons) for one in found.blocks]
