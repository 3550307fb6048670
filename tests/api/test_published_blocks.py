"""Which servers are kept away, for those who may know."""

from __future__ import annotations

from hashlib import sha256

import pytest
from msgspec import structs

from dassie.services import blocking_servers
from dassie.store import settings
from entities_check import check_entity, needs_definitions
from worlds import World

PATH = "/api/v1/instance/domain_blocks"


async def publish(world: World, blocks: str, reasons: str) -> None:
    async with world.server.write() as tx:
        said = await settings.instance(tx)
        changed = {"show_domain_blocks": blocks, "show_domain_blocks_rationale": reasons}
        await settings.save_instance(tx, structs.replace(said, **changed))


@needs_definitions
async def test_published_blocks_say_what_may_be_said(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    async with world.server.write() as tx:
        block = blocking_servers.block
        await block(tx, world.server, "quiet.test", "silence", public_comment="loud", private_comment="secret")
        await block(tx, world.server, "Bad.Example.Test", "suspend", obfuscate=True)
        await block(tx, world.server, "other.test", "noop", reject_reports=True)
    guest, member = await world.api_as(None), await world.api_as(ana)
    assert (await member.get(PATH)).code == 404
    await publish(world, "users", "disabled")
    assert (await guest.get(PATH)).code == 404
    got = (await member.get(PATH)).json
    assert check_entity("List<DomainBlock>", got) == []
    assert [(one["domain"], one["severity"], one["comment"]) for one in got] == [
        ("bad.e******.test", "suspend", None),
        ("quiet.test", "silence", None),
    ]
    assert got[0]["digest"] == sha256(b"bad.example.test").hexdigest()
    await publish(world, "all", "users")
    assert [one["comment"] for one in (await guest.get(PATH)).json] == [None, None]
    assert [one["comment"] for one in (await member.get(PATH)).json] == [None, "loud"]
    assert "secret" not in (await member.get(PATH)).text
    about = (await guest.get("/about")).text
    assert "quiet.test" in about
    assert "bad.example.test" not in about


@pytest.mark.parametrize("blocks", ["disabled", "users"])
async def test_the_page_about_the_server_keeps_quiet_where_it_should(idle_world: World, blocks: str) -> None:
    world = idle_world
    await publish(world, blocks, blocks)
    async with world.server.write() as tx:
        await blocking_servers.block(tx, world.server, "quiet.test", "silence")
    assert "quiet.test" not in (await (await world.api_as(None)).get("/about")).text
