"""What clients read about the server, and that its limits are the ones that are kept."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

from babel import Locale

from dassie.domain.languages import LANGUAGES
from dassie.domain.settings import InstanceSettings, Rule
from dassie.services import blocking_servers
from dassie.store import accounts, counters, logins, settings, tables
from dassie.store.dialect import put
from dassie.store.tx import Statement
from worlds import Client, World


async def test_versions_and_addresses_are_what_clients_parse(world: World) -> None:
    client = await world.api_as()
    new, old = await client.get("/api/v2/instance"), await client.get("/api/v1/instance")
    assert new.json["version"] == old.json["version"]
    assert new.json["version"].startswith("4.6.5 (compatible; dassie ")
    assert new.json["api_versions"] == {"mastodon": 11}
    assert new.json["domain"] == old.json["uri"] == "here.test"
    assert new.json["configuration"]["urls"]["streaming"] == "wss://here.test"
    assert old.json["urls"] == {"streaming_api": "wss://here.test"}
    assert old.headers["deprecation"] == "@1668384000"
    assert "deprecation" not in new.headers
    assert new.headers["cache-control"] == "public, max-age=300"
    assert new.headers["access-control-allow-origin"] == "*"


async def test_title_rules_and_contact_are_what_the_owner_set(world: World) -> None:
    ana = await world.account("ana", role="Owner")
    bob = await world.account("bob")
    client = await world.api_as()
    before = (await client.get("/api/v2/instance")).json
    assert before["title"] == "here.test"
    assert before["contact"]["account"]["id"] == str(ana.id)
    assert before["rules"] == []

    said = InstanceSettings(
        title="Rocks",
        short_description="A small place.",
        contact_email="hi@mail.test",
        contact_username="bob",
        rules=[Rule(1, "Be kind", "Always"), Rule(2, "No spam")],
        languages=["en", "de"],
        extended_description="<p>Long.</p>",
    )
    async with world.server.write() as tx:
        await settings.save_instance(tx, said)
    after = (await client.get("/api/v2/instance")).json
    assert (after["title"], after["description"], after["languages"]) == ("Rocks", "A small place.", ["en", "de"])
    assert after["contact"]["email"] == "hi@mail.test"
    assert after["contact"]["account"]["id"] == str(bob.id)
    rules = (await client.get("/api/v1/instance/rules")).json
    assert rules == after["rules"]
    assert rules[0] == {"id": "1", "text": "Be kind", "hint": "Always", "translations": {}}
    assert (await client.get("/api/v1/instance/extended_description")).json["content"] == "<p>Long.</p>"


async def test_people_posts_and_servers_are_counted(world: World) -> None:
    ana, _ = await world.account("ana"), await world.account("bob")
    async with world.server.write() as tx:
        await accounts.count(tx, ana.id, "statuses_count", 3)
        for number, domain in enumerate(("b.test", "a.test", "a.test", "quiet.test"), start=1):
            uri = f"https://{domain}/{number}"
            added = await accounts.insert(
                tx, id=number, username=f"n{number}", domain=domain, uri=uri, created_at=tx.now, statuses_count=50
            )
            assert added
        await blocking_servers.block(tx, world.server, "quiet.test", "silence")
    await (await world.api_as(ana)).get("/api/v1/apps/verify_credentials")
    client = await world.api_as()
    assert (await client.get("/api/v1/instance")).json["stats"] == {
        "user_count": 2,
        "status_count": 3,
        "domain_count": 3,
    }
    assert (await client.get("/api/v2/instance")).json["usage"]["users"]["active_month"] == 1
    assert (await client.get("/api/v1/instance/peers")).json == ["a.test", "b.test"]


async def test_a_person_counts_once_a_week_as_a_login(world: World) -> None:
    ana = await world.account("ana")
    client = await world.api_as(ana)
    for _ in range(3):
        await client.get("/api/v1/apps/verify_credentials")
        world.clock.forward(hours=2)
    async with world.server.write() as tx:
        await world.server.counters.flush(tx)
        user = await logins.user_of(tx, ana.id)
        assert user is not None
        found = await counters.since(tx, "day", tx.now - timedelta(days=30))
    # three calls within six hours may lie on both sides of a Monday's midnight
    assert sum(value for _, name, value in found if name == "logins.week") in (1, 2)

    weeks = (await client.get("/api/v1/instance/activity")).json
    assert len(weeks) == 12
    starts = [int(week["week"]) for week in weeks]
    assert all(a - b == 7 * 86_400 for a, b in pairwise(starts))
    assert sum(int(week["registrations"]) for week in weeks) == 1
    assert sum(int(week["logins"]) for week in weeks) in (1, 2)


async def test_own_emojis_are_listed_and_others_not(world: World) -> None:
    names = ("id", "shortcode", "domain", "file_key", "category", "visible_in_picker", "updated_at")
    add = Statement(put(tables.custom_emojis, *names))
    async with world.server.write() as tx:
        for id, shortcode, domain, category in (
            (1, "wave", "", "Hands"),
            (2, "cat", "", None),
            (3, "x", "a.test", None),
            (4, "not_offered", "", None),
        ):
            values: dict[str, Any] = {"shortcode": shortcode, "domain": domain, "file_key": f"emoji/{shortcode}.png"}
            values |= {"category": category, "visible_in_picker": id != 4, "updated_at": tx.now}
            await tx.run(add, id=id, **values)
    shown = (await (await world.api_as()).get("/api/v1/custom_emojis")).json
    assert [emoji["shortcode"] for emoji in shown] == ["cat", "wave"]
    assert shown[1] == {
        "shortcode": "wave",
        "url": "https://here.test/system/emoji/wave.png",
        "static_url": "https://here.test/system/emoji/wave.png",
        "visible_in_picker": True,
        "featured": False,
        "category": "Hands",
    }
    assert "category" not in shown[0]


async def test_languages_have_names(world: World) -> None:
    shown = {one["code"]: one["name"] for one in (await (await world.api_as()).get("/api/v1/instance/languages")).json}
    assert tuple(shown) == LANGUAGES
    assert all(shown.values())
    for code in ("de", "ja", "ar", "zh-TW", "nds"):  # all of them would take seconds
        locale = Locale.parse(code, sep="-")
        assert shown[code] == locale.get_display_name(locale)


async def test_published_limits_are_kept(world: World) -> None:
    ana = await world.account("ana")
    client = await world.api_as(ana)
    limits = (await client.get("/api/v2/instance")).json["configuration"]
    long = "x" * limits["statuses"]["max_characters"]
    assert (await client.post("/api/v1/statuses", status=long)).code == 200
    assert (await client.post("/api/v1/statuses", status=long + "x")).code == 422
    name = "n" * limits["accounts"]["max_display_name_length"]
    assert (await client.patch("/api/v1/accounts/update_credentials", display_name=name)).code == 200
    assert (await client.patch("/api/v1/accounts/update_credentials", display_name=name + "n")).code == 422
    option = "o" * limits["polls"]["max_characters_per_option"]
    poll = {"options": ["a", option], "expires_in": limits["polls"]["min_expiration"]}
    assert (await client.post("/api/v1/statuses", json={"status": "?", "poll": poll})).code == 200
    for wrong in (
        {**poll, "options": ["a", option + "o"]},
        {**poll, "options": [str(n) for n in range(limits["polls"]["max_options"] + 1)]},
        {**poll, "expires_in": limits["polls"]["min_expiration"] - 1},
        {**poll, "expires_in": limits["polls"]["max_expiration"] + 1},
    ):
        assert (await client.post("/api/v1/statuses", json={"status": "?", "poll": wrong})).code == 422


async def test_the_document_is_readable_with_and_without_a_token(world: World) -> None:
    ana = await world.account("ana")
    assert (await (await world.api_as(ana, "push")).get("/api/v2/instance")).code == 200
    assert (await Client(world.app, "unknown").get("/api/v2/instance")).code == 401
