"""What the owner says about the server: description, rules, privacy policy, terms of service."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dassie.domain.errors import Invalid
from dassie.domain.long_texts import render_long
from dassie.services import describing
from dassie.services.describing import Said
from dassie.store.dialect import put
from dassie.store.tables import peers
from dassie.store.tx import Statement
from entities_check import check_entity, needs_definitions
from worlds import World

NOTHING = dict.fromkeys(Said.__struct_fields__, "")


async def describe(world: World, **said: str) -> None:
    async with world.server.write() as tx:
        await describing.describe(tx, world.server, Said(**(NOTHING | said)))


@needs_definitions
async def test_the_privacy_policy_is_the_softwares_until_the_owner_writes_one(world: World) -> None:
    await world.account("ana", role="Owner")
    guest = await world.api_as()
    path = "/api/v1/instance/privacy_policy"
    got = (await guest.get(path)).json
    assert check_entity("PrivacyPolicy", got) == []
    assert "There is no tracking" in got["content"]
    await describe(world, privacy="# We keep little\n- posts\n- follows")
    got = (await guest.get(path)).json
    assert got["content"] == "<h2>We keep little</h2><ul><li>posts</li><li>follows</li></ul>"
    assert "We keep little" in (await guest.get("/privacy-policy")).text
    shown = (await guest.get("/api/v2/instance")).json
    assert shown["configuration"]["urls"]["privacy_policy"] == "https://here.test/privacy-policy"


async def test_rules_keep_their_numbers(world: World) -> None:
    await describe(world, rules="Be kind\n\nNo spam\nBe kind", title="Koppie", extended="Hello <b>")
    guest = await world.api_as()
    rules = (await guest.get("/api/v1/instance/rules")).json
    assert [(rule["id"], rule["text"]) for rule in rules] == [("1", "Be kind"), ("2", "No spam")]
    await describe(world, rules="Speak up\nNo spam")
    rules = (await guest.get("/api/v1/instance/rules")).json
    assert [(rule["id"], rule["text"]) for rule in rules] == [("3", "Speak up"), ("2", "No spam")]
    await describe(world, extended="Hello <b>")
    assert (await guest.get("/api/v1/instance/extended_description")).json["content"] == "<p>Hello &lt;b&gt;</p>"


@needs_definitions
async def test_terms_follow_each_other_by_their_days(world: World) -> None:
    guest = await world.api_as()
    path = "/api/v1/instance/terms_of_service"
    assert (await guest.get(path)).code == 404
    assert (await guest.get("/terms-of-service")).code == 404
    assert (await guest.get("/api/v2/instance")).json["configuration"]["urls"]["terms_of_service"] is None
    today = world.clock.now().date()
    later = today + timedelta(days=30)
    async with world.server.write() as tx:
        await describing.publish_terms(tx, world.server, "First", today)
        await describing.publish_terms(tx, world.server, "Second", later)
        with pytest.raises(Invalid):
            await describing.publish_terms(tx, world.server, "Never", today - timedelta(days=1))
    got = (await guest.get(path)).json
    assert check_entity("TermsOfService", got) == []
    expected = {"effective_date": str(today), "effective": True, "content": "<p>First</p>", "succeeded_by": str(later)}
    assert got == expected
    coming = (await guest.get(f"{path}/{later}")).json
    assert (coming["effective"], coming["succeeded_by"]) == (False, None)
    assert (await guest.get(f"{path}/2001-01-01")).code == 404
    assert "First" in (await guest.get("/terms-of-service")).text
    assert "Second" in (await guest.get(f"/terms-of-service/{later}")).text
    url = (await guest.get("/api/v2/instance")).json["configuration"]["urls"]["terms_of_service"]
    assert url == "https://here.test/terms-of-service"
    world.clock.forward(days=31)
    assert (await guest.get(path)).json["content"] == "<p>Second</p>"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("title", "x" * 101),
        ("rules", "x" * 301),
        ("rules", "r\n" * 51),
        ("privacy", "x" * 60_001),
        ("status_page_url", "javascript:alert(1)"),
    ],
)
async def test_what_is_too_much_is_refused(world: World, field: str, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        await describe(world, **{field: text})
    assert field in (refused.value.fields or {})


def test_long_texts_have_headings_lists_and_paragraphs() -> None:
    made = render_long("# A & B\none\ntwo\n\nthree\n- x\n- https://a.test", lambda name: name)
    assert made.startswith("<h2>A &amp; B</h2><p>one<br />two</p><p>three</p><ul><li>x</li><li><a href=")
    assert made.endswith("</li></ul>")
    assert "<script>" not in render_long("# <script>\n- <script>\n<script>", lambda name: name)


async def test_known_domains_are_completed(world: World) -> None:
    async with world.server.write() as tx:
        for domain in ("alpha.test", "alps.test", "beta.test"):
            row = {"domain": domain, "created_at": tx.now}
            await tx.run(Statement(put(peers, *row)), **row)
    guest = await world.api_as()
    assert (await guest.get("/api/v1/peers/search", q=" Alp")).json == ["alpha.test", "alps.test"]
    assert (await guest.get("/api/v1/peers/search", q="alpha.")).json == ["alpha.test"]
    assert (await guest.get("/api/v1/peers/search", q="%")).json == []
    assert (await guest.get("/api/v1/peers/search")).json == []
