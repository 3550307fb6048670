"""Servers that one blocks: the list, and what a block means before it is made."""

from __future__ import annotations

from dassie.domain.errors import Invalid, NotFound
from dassie.services import blocking_domains
from dassie.store import domain_blocks
from dassie.web.answers import Answer, Go
from dassie.web.routing import form, page
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

PAGE = 50


@page("/domain_blocks", signed_in=True)
async def list_blocked(visit: Visit) -> Answer:
    """The servers one blocks."""
    return await _list(visit, "", {})


@page("/domain_blocks/{domain}", signed_in=True)
async def ask(visit: Visit, domain: str) -> Answer:
    """What a block means, before it is made."""
    try:
        named = blocking_domains.named(visit.server, domain)
    except Invalid as error:
        raise NotFound from error
    async with visit.server.read() as tx:
        ties = await domain_blocks.ties(tx, visit.me.id, named)
        around = await visit.page(tx)
    return visit.html("pages/domain_block.html", around, domain=named, ties=ties)


@form("/domain_blocks")
async def block(visit: Visit) -> Answer:
    """Block a server by its name."""
    typed = visit.params.text("domain", most=1000) or ""
    try:
        async with visit.server.write() as tx:
            await blocking_domains.block(tx, visit.server, visit.me, typed)
    except Invalid:
        wrong = _("This is not the name of another server. Names look like example.org.")
        return await _list(visit, typed, {"domain": wrong})
    return Go("/domain_blocks", "server_blocked")


@form("/domain_blocks/{domain}/remove")
async def unblock(visit: Visit, domain: str) -> Answer:
    """Lift the block."""
    async with visit.server.write() as tx:
        await blocking_domains.unblock(tx, visit.server, visit.me, domain)
    return Go("/domain_blocks", "server_unblocked")


async def _list(visit: Visit, typed: str, errors: dict[str, str]) -> Answer:
    async with visit.server.read() as tx:
        found = await domain_blocks.of(tx, visit.me.id, visit.part(PAGE))
        around = await visit.page(tx)
    return visit.html(
        "pages/domain_blocks.html",
        around,
        http_code=422 if errors else 200,
        domains=[domain for _row, domain in found],
        older=visit.older([id for id, _domain in found], PAGE),
        typed=typed,
        errors=errors,
    )
