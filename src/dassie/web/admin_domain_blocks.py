"""Admin: servers that this one keeps at a distance, and who may know of them."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from dassie.domain.errors import Invalid
from dassie.domain.server_blocks import LONGEST_COMMENT, SEVERITIES
from dassie.services import blocking_domains, blocking_servers
from dassie.store import server_blocks, settings
from dassie.web.admin import admin_form, admin_page, record
from dassie.web.answers import Answer, Go
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

MAY = "manage_federation"
HERE = "/admin/domain_blocks"
READERS = ("disabled", "users", "all")
COMMENTS = ("public_comment", "private_comment")


@admin_page(HERE, MAY, section="Blocked servers", place=15)
async def list_blocks(visit: Visit) -> Answer:
    """All blocks, and who may see them."""
    return await _list(visit, "", {})


@admin_page(f"{HERE}/new", MAY)
async def ask(visit: Visit) -> Answer:
    """What a block would do, before it is made or changed."""
    typed = visit.params.text("domain", most=1_000) or ""
    try:
        return await _ask(visit, blocking_domains.named(visit.server, typed), {}, {})
    except Invalid:
        wrong = _("This is not the name of another server. Names look like example.org.")
        return await _list(visit, typed, {"domain": wrong})


@admin_form(HERE, MAY)
async def block(visit: Visit) -> Answer:
    """Block a server, or change how it is blocked."""
    typed: dict[str, Any] = {name: visit.params.text(name, most=10_000) or "" for name in ("severity", *COMMENTS)}
    typed |= {name: bool(visit.params.flag(name)) for name in ("reject_reports", "obfuscate")}
    domain = visit.params.text("domain", required=True, most=1_000) or ""
    try:
        async with visit.server.write() as tx:
            done = await blocking_servers.block(tx, visit.server, domain, **typed)
            await record(tx, visit, "server.blocked", done.domain, severity=done.severity)
    except Invalid as error:
        return await _ask(visit, blocking_domains.named(visit.server, domain), typed, {"severity": error.safe})
    return Go(HERE, "instance_blocked")


@admin_form(f"{HERE}/lift", MAY)
async def lift(visit: Visit) -> Answer:
    """Let a server in again."""
    async with visit.server.write() as tx:
        lifted = await blocking_servers.lift(tx, visit.server, visit.params.text("domain", most=1_000) or "")
        await record(tx, visit, "server.allowed", lifted.domain)
    return Go(HERE, "instance_unblocked")


@admin_form(f"{HERE}/publish", MAY)
async def publish(visit: Visit) -> Answer:
    """Say who may see the blocks, and the reasons."""
    chosen = {name: str(visit.params.get(name, "")) for name in ("show_domain_blocks", "show_domain_blocks_rationale")}
    if not set(chosen.values()) <= set(READERS):
        raise Invalid("Validation failed: this cannot be chosen")
    async with visit.server.write() as tx:
        said = await settings.instance(tx)
        await settings.save_instance(tx, structs.replace(said, **chosen))
        await record(tx, visit, "domain_blocks.published", **chosen)
    return Go(HERE, "saved")


async def _list(visit: Visit, typed: str, errors: dict[str, str]) -> Answer:
    async with visit.server.read() as tx:
        found = await server_blocks.everything(tx)
        said = await settings.instance(tx)
        around = await visit.page(tx)
    return visit.html(
        "admin/domain_blocks.html",
        around,
        http_code=422 if errors else 200,
        blocks=found,
        said=said,
        typed=typed,
        errors=errors,
    )


async def _ask(visit: Visit, domain: str, typed: dict[str, Any], errors: dict[str, str]) -> Answer:
    async with visit.server.read() as tx:
        known = await server_blocks.of(tx, domain)
        weight = await server_blocks.weight(tx, await server_blocks.domains_under(tx, domain))
        around = await visit.page(tx)
    before: dict[str, Any] = structs.asdict(known) if known is not None else dict.fromkeys(COMMENTS, "")
    return visit.html(
        "admin/domain_block.html",
        around,
        http_code=422 if errors else 200,
        domain=domain,
        known=known,
        weight=weight,
        typed={"severity": "silence", "reject_reports": False, "obfuscate": False} | before | typed,
        severities=SEVERITIES,
        longest=LONGEST_COMMENT,
        errors=errors,
    )
