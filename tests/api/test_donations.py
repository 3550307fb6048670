"""No banner asks people of this server for money."""

from __future__ import annotations

from worlds import World


async def test_there_is_no_campaign(idle_world: World) -> None:
    api = await idle_world.api_as(await idle_world.account("ana"))
    got = await api.get("/api/v1/donation_campaigns", locale="en", seed=7)
    assert (got.code, got.body) == (204, b"")
    assert (await (await idle_world.api_as(None)).get("/api/v1/donation_campaigns")).code == 401
