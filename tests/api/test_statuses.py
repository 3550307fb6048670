"""Posting, reading and deleting statuses."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dassie.domain.errors import RemoteFailed
from dassie.store import accounts
from people import stranger
from strangers import status_row
from worlds import Client, World


async def posted(api: Client, text: str = "hello", **values: Any) -> Any:
    got = await api.post("/api/v1/statuses", status=text, **values)
    assert got.code == 200, got.text
    return got.json


async def test_a_status_is_there_for_everybody_after_posting(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    made = await posted(ana, "Hello #Föö <b> https://example.org/x", language="de", spoiler_text="cw")
    assert made["visibility"] == "public"
    assert made["sensitive"] is True
    assert made["spoiler_text"] == "cw"
    assert made["language"] == "de"
    assert [tag["name"] for tag in made["tags"]] == ["foo"]
    assert "&lt;b&gt;" in made["content"]
    assert made["url"].endswith(made["id"])
    assert made["account"]["statuses_count"] == 1

    anybody = await world.api_as()
    got = await anybody.get(f"/api/v1/statuses/{made['id']}")
    assert got.json["content"] == made["content"]
    assert "favourited" not in got.json


async def test_defaults_come_from_settings(world: World) -> None:
    from dassie.domain.settings import UserSettings
    from dassie.store import logins

    account = await world.account("ana")
    async with world.server.write() as tx:
        user = await logins.user_of(tx, account.id)
        assert user is not None
        settings = UserSettings(
            default_visibility="private", default_sensitive=True, default_language="pt", show_application=False
        )
        await logins.save_settings(tx, user.id, settings)
    made = await posted(await world.api_as(account))
    assert (made["visibility"], made["sensitive"], made["language"]) == ("private", True, "pt")
    assert made["application"] is None


@pytest.mark.parametrize(
    ("values", "code", "error"),
    [
        ({"status": "  "}, 422, "Validation failed: Text can't be blank"),
        ({"status": "x" * 501}, 422, "Validation failed: Text character limit of 500 exceeded"),
        ({"status": "x" * 499, "spoiler_text": "yy"}, 422, "Validation failed: Text character limit of 500 exceeded"),
        ({"status": "x", "in_reply_to_id": "12"}, 404, "The post you are trying to reply to does not appear to exist."),
        ({"status": "x", "media_ids": ["17"]}, 422, "Media 17 not found or already attached to another post"),
        ({"status": "x", "quoted_status_id": "17"}, 404, "The post you are trying to quote does not appear to exist."),
    ],
)
async def test_what_breaks_a_rule_is_refused_in_mastodons_words(
    world: World, values: dict[str, Any], code: int, error: str
) -> None:
    ana = await world.api_as(await world.account("ana"))
    got = await ana.post("/api/v1/statuses", **values)
    assert (got.code, got.json["error"]) == (code, error)


async def test_nothing_is_posted_at_another_time_than_asked(world: World) -> None:
    account = await world.account("ana")
    ana = await world.api_as(account)
    got = await ana.post("/api/v1/statuses", status="later", scheduled_at="2999-01-01T00:00:00Z")
    assert got.code == 422
    async with world.server.read() as tx:
        found = await accounts.by_id(tx, account.id)
    assert found is not None
    assert found.statuses_count == 0


async def test_links_count_23_and_a_warning_without_text_is_the_text(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    await posted(ana, "https://example.org/" + "x" * 600 + " " + "y" * 476)
    made = await posted(ana, "", spoiler_text="only this")
    assert made["content"] == "<p>only this</p>"
    assert (made["spoiler_text"], made["sensitive"]) == ("", True)


async def test_the_same_key_posts_once(world: World) -> None:
    account = await world.account("ana")
    ana = await world.api_as(account)
    head = {"idempotency-key": "k1", "content-type": "application/json"}

    async def send() -> Any:
        return (await ana.request("POST", "/api/v1/statuses", b'{"status":"once"}', head)).json

    first, second = await asyncio.gather(send(), send())
    assert first["id"] == second["id"]
    async with world.server.read() as tx:
        found = await accounts.by_id(tx, account.id)
    assert found is not None
    assert found.statuses_count == 1
    await ana.delete(f"/api/v1/statuses/{first['id']}")
    second, third = await send(), await send()
    assert first["id"] != second["id"] == third["id"]  # what was deleted is written anew, once
    first = second
    bob = await world.api_as(await world.account("bob"))
    theirs = await bob.request("POST", "/api/v1/statuses", b'{"status":"mine"}', head)
    assert theirs.json["account"]["username"] == "bob"  # keys are each account's own
    spared = head | {"idempotency-key": "k2"}
    refused = await bob.request("POST", "/api/v1/statuses", b'{"status":""}', spared)
    assert refused.code == 422  # what was refused did not use its key up
    assert (await bob.request("POST", "/api/v1/statuses", b'{"status":"now"}', spared)).json["content"] == "<p>now</p>"
    world.clock.forward(hours=1, minutes=1)
    assert (await send())["id"] != first["id"]


async def test_mentions_reach_people_here_and_known_and_found_ones(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await world.api_as(await world.account("ana"))
    bob = await world.account("bob")
    eve = await stranger(world, "Eve")
    asked: list[tuple[str, str]] = []

    async def account_by_handle(username: str, domain: str, *, fresh: bool = False) -> int:
        asked.append((username, domain))
        if domain == "down.test":
            raise RemoteFailed("down", kind="connect")
        return (await stranger(world, username, domain)).id

    monkeypatch.setattr(world.server.remote, "account_by_handle", account_by_handle, raising=True)
    made = await posted(ana, "@bob @BOB@here.test @eve@else.test @new@other.test @x@down.test @nobody hi")
    assert sorted(one["acct"] for one in made["mentions"]) == ["Eve@else.test", "bob", "new@other.test"]
    assert sorted(asked) == [("new", "other.test"), ("x", "down.test")]
    assert f'<a href="{eve.url}" class="u-url mention">@<span>Eve</span></a>' in made["content"]
    assert "@x@down.test @nobody hi" in made["content"]
    got = await (await world.api_as(bob)).get(f"/api/v1/statuses/{made['id']}")
    assert got.code == 200


async def test_a_slow_server_does_not_hold_up_a_post(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from dassie.services import composing

    async def account_by_handle(username: str, domain: str, *, fresh: bool = False) -> int:
        await asyncio.sleep(60)
        raise AssertionError("cancelled before")

    monkeypatch.setattr(world.server.remote, "account_by_handle", account_by_handle)
    monkeypatch.setattr(composing, "LOOKUP_SECONDS", 0.1)
    ana = await world.api_as(await world.account("ana"))
    async with asyncio.timeout(5):
        made = await posted(ana, "@slow@else.test hi")
    assert made["mentions"] == []


async def test_unexpected_mentions_post_nothing(world: World) -> None:
    account = await world.account("ana")
    ana = await world.api_as(account)
    bob, carl = await world.account("bob"), await world.account("carl")
    got = await ana.post("/api/v1/statuses", status="@bob @carl", allowed_mentions=[bob.id])
    assert got.code == 422
    assert [one["id"] for one in got.json["unexpected_accounts"]] == [str(carl.id)]
    made = await posted(ana, "@bob @carl", allowed_mentions=[bob.id, carl.id])
    assert len(made["mentions"]) == 2
    assert made["account"]["statuses_count"] == 1


async def test_who_may_see_what(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob, anybody = await world.api_as(ana), await world.api_as(bob), await world.api_as()
    private = await posted(as_ana, "for followers", visibility="private")
    direct = await posted(as_ana, "@bob psst", visibility="direct")
    other = await posted(as_ana, "me alone", visibility="direct")
    for made, seen in ((private, False), (direct, True), (other, False)):
        code = (await as_bob.get(f"/api/v1/statuses/{made['id']}")).code
        assert code == (200 if seen else 404)
        assert (await anybody.get(f"/api/v1/statuses/{made['id']}")).code == 404
    listed = await as_bob.get("/api/v1/statuses", id=[private["id"], direct["id"], "5", "x"])
    assert [one["id"] for one in listed.json] == [direct["id"]]
    assert (await as_bob.get("/api/v1/statuses", id=list(range(1, 22)))).code == 422


async def test_direct_posts_do_not_count(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    await posted(ana, "one")
    made = await posted(ana, "two", visibility="direct")
    assert made["account"]["statuses_count"] == 1


async def test_a_reply_counts_and_names_its_parent(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    parent = await posted(as_ana)
    reblog = (await as_bob.post(f"/api/v1/statuses/{parent['id']}/reblog")).json
    reply = await posted(as_bob, "yes", in_reply_to_id=reblog["id"])
    assert reply["in_reply_to_id"] == parent["id"]
    assert reply["in_reply_to_account_id"] == str(ana.id)
    assert (await as_ana.get(f"/api/v1/statuses/{parent['id']}")).json["replies_count"] == 1
    await as_bob.delete(f"/api/v1/statuses/{reply['id']}")
    assert (await as_ana.get(f"/api/v1/statuses/{parent['id']}")).json["replies_count"] == 0


async def test_a_limited_account_posts_unlisted(world: World) -> None:
    account = await world.account("ana")
    async with world.server.write() as tx:
        await accounts.change(tx, account.id, silenced_at=tx.now)
    assert (await posted(await world.api_as(account)))["visibility"] == "unlisted"


async def test_deleting_gives_the_text_back_and_is_seen_at_once(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    made = await posted(ana, "Hello *you*", spoiler_text="cw")
    gone = await ana.delete(f"/api/v1/statuses/{made['id']}")
    assert gone.code == 200
    assert (gone.json["text"], gone.json["spoiler_text"]) == ("Hello *you*", "cw")
    assert "content" not in gone.json
    assert (await ana.get(f"/api/v1/statuses/{made['id']}")).code == 404
    assert (await ana.delete(f"/api/v1/statuses/{made['id']}")).code == 404
    assert (await ana.get("/api/v1/timelines/home")).json == []


async def test_only_the_author_deletes_edits_and_reads_the_source(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    made = await posted(await world.api_as(ana), "Hello @bob")
    as_bob = await world.api_as(bob)
    for got in (
        await as_bob.delete(f"/api/v1/statuses/{made['id']}"),
        await as_bob.put(f"/api/v1/statuses/{made['id']}", status="mine"),
        await as_bob.get(f"/api/v1/statuses/{made['id']}/source"),
    ):
        assert (got.code, got.json) == (404, {"error": "Record not found"})
    source = await (await world.api_as(ana)).get(f"/api/v1/statuses/{made['id']}/source")
    assert source.json == {"id": made["id"], "text": "Hello @bob", "spoiler_text": ""}


async def test_scopes_and_users_are_asked_for(world: World) -> None:
    ana = await world.account("ana")
    reader = await world.api_as(ana, "read")
    assert (await reader.post("/api/v1/statuses", status="x")).code == 403
    assert (await (await world.api_as()).post("/api/v1/statuses", status="x")).code == 401


async def test_what_is_stored_is_what_was_typed(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    made = await posted(ana, "a\x00b\r\nc ")
    row = await status_row(world, made["id"])
    assert row.text == "ab\nc"
    assert row.local
