"""What the main endpoints answer is what the API's entity definitions say, field by field."""

from __future__ import annotations

from typing import Any

import pytest

from dassie.store.views import AccountView
from entities_check import check_entity, needs_definitions
from worlds import Client, Got, World

PICTURE = bytes.fromhex(  # a GIF of one pixel
    "47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b"
)


def right(entity: str, got: Got, code: int = 200) -> Any:
    """The answer, once it fits its definition."""
    assert got.code == code, got.text
    assert check_entity(entity, got.json) == []
    return got.json


async def two(world: World) -> tuple[AccountView, Client, AccountView, Client]:
    ana, bob = await world.account("ana"), await world.account("bob")
    return ana, await world.api_as(ana), bob, await world.api_as(bob)


@needs_definitions
async def test_accounts_and_relationships_fit_their_definitions(world: World) -> None:
    ana, as_ana, bob, as_bob = await two(world)
    await as_ana.patch(
        "/api/v1/accounts/update_credentials",
        json={"note": "Hello #cats", "fields_attributes": [{"name": "Page", "value": "https://here.test/"}]},
    )
    own = right("CredentialAccount", await as_ana.get("/api/v1/accounts/verify_credentials"))
    assert own["id"] == str(ana.id)
    right("Account", await as_bob.get(f"/api/v1/accounts/{ana.id}"))
    right("Account", await as_bob.get("/api/v1/accounts/lookup", acct="ana"))
    right("Relationship", await as_bob.post(f"/api/v1/accounts/{ana.id}/follow"))
    await world.settle()
    right("List<Account>", await as_bob.get(f"/api/v1/accounts/{ana.id}/followers"))
    right("List<Account>", await as_bob.get(f"/api/v1/accounts/{bob.id}/following"))
    for verb in ("mute", "unmute", "block", "unblock"):
        right("Relationship", await as_bob.post(f"/api/v1/accounts/{ana.id}/{verb}"))
    shown = right("List<Relationship>", await as_bob.get("/api/v1/accounts/relationships", id=[ana.id]))
    assert [one["id"] for one in shown] == [str(ana.id)]


@needs_definitions
async def test_statuses_and_what_hangs_on_them_fit_their_definitions(world: World) -> None:
    ana, as_ana, _, as_bob = await two(world)
    await as_bob.post(f"/api/v1/accounts/{ana.id}/follow")
    await world.settle()
    media = await as_ana.upload("/api/v2/media", "file", PICTURE, description="One pixel")
    assert media.code in (200, 202), media.text
    await world.settle()
    ready = right("MediaAttachment", await as_ana.get(f"/api/v1/media/{media.json['id']}"))
    text = "Hello @bob, see #cats https://here.test/"
    first = right("Status", await as_ana.post("/api/v1/statuses", status=text, media_ids=[ready["id"]]))
    poll = {"options": ["yes", "no"], "expires_in": 3600}
    asked = right("Status", await as_ana.post("/api/v1/statuses", json={"status": "Well?", "poll": poll}))
    await world.settle()

    reply = right(
        "Status",
        await as_bob.post("/api/v1/statuses", status="@ana hi", in_reply_to_id=first["id"], visibility="unlisted"),
    )
    right("Poll", await as_bob.post(f"/api/v1/polls/{asked['poll']['id']}/votes", choices=[0]))
    right("Poll", await Client(world.app).get(f"/api/v1/polls/{asked['poll']['id']}"))
    for verb in ("favourite", "bookmark", "reblog"):
        right("Status", await as_bob.post(f"/api/v1/statuses/{first['id']}/{verb}"))
    right("Status", await as_ana.post(f"/api/v1/statuses/{first['id']}/pin"))
    await world.settle()
    edited = right("Status", await as_ana.put(f"/api/v1/statuses/{first['id']}", status="Hello again"))
    assert edited["edited_at"] is not None
    right("List<StatusEdit>", await as_ana.get(f"/api/v1/statuses/{first['id']}/history"))
    right("StatusSource", await as_ana.get(f"/api/v1/statuses/{first['id']}/source"))
    context = right("Context", await as_bob.get(f"/api/v1/statuses/{first['id']}/context"))
    assert [one["id"] for one in context["descendants"]] == [reply["id"]]
    right("List<Account>", await as_ana.get(f"/api/v1/statuses/{first['id']}/favourited_by"))
    right("List<Account>", await as_ana.get(f"/api/v1/statuses/{first['id']}/reblogged_by"))
    for path in ("/api/v1/timelines/home", "/api/v1/timelines/public", f"/api/v1/accounts/{ana.id}/statuses"):
        shown = right("List<Status>", await as_bob.get(path))
        assert shown
    right("List<Status>", await Client(world.app).get("/api/v1/timelines/public", local=True))
    right("List<Status>", await as_bob.get("/api/v1/bookmarks"))
    right("List<Status>", await as_bob.get("/api/v1/favourites"))
    gone = await as_ana.delete(f"/api/v1/statuses/{asked['id']}")
    right("Status", gone)
    assert gone.json["text"] == "Well?"


@needs_definitions
async def test_notifications_fit_their_definitions(world: World) -> None:
    ana, as_ana, _, as_bob = await two(world)
    status = (await as_ana.post("/api/v1/statuses", status="Hello")).json
    await as_bob.post(f"/api/v1/accounts/{ana.id}/follow")
    await as_bob.post(f"/api/v1/statuses/{status['id']}/favourite")
    await as_bob.post(f"/api/v1/statuses/{status['id']}/reblog")
    await as_bob.post("/api/v1/statuses", status="@ana hi")
    await world.settle()
    shown = right("List<Notification>", await as_ana.get("/api/v1/notifications"))
    assert {one["type"] for one in shown} == {"follow", "favourite", "reblog", "mention"}
    right("Notification", await as_ana.get(f"/api/v1/notifications/{shown[0]['id']}"))


@needs_definitions
async def test_search_and_tags_fit_their_definitions(world: World) -> None:
    _, as_ana, _, as_bob = await two(world)
    await as_ana.post("/api/v1/statuses", status="Hello #cats")
    await world.settle()
    found = right("Search", await as_bob.get("/api/v2/search", q="cats"))
    assert found["hashtags"]
    people = right("Search", await as_bob.get("/api/v2/search", q="ana"))
    assert people["accounts"]
    right("Tag", await as_bob.get("/api/v1/tags/cats"))


@needs_definitions
async def test_instance_documents_fit_their_definitions(world: World) -> None:
    await world.account("ana", role="Owner")
    client = await world.api_as()
    right("Instance", await client.get("/api/v2/instance"))
    right("V1::Instance", await client.get("/api/v1/instance"))
    right("ExtendedDescription", await client.get("/api/v1/instance/extended_description"))
    right("List<Rule>", await client.get("/api/v1/instance/rules"))
    right("List<Activity>", await client.get("/api/v1/instance/activity"))
    right("List<String>", await client.get("/api/v1/instance/peers"))
    right("List<CustomEmoji>", await client.get("/api/v1/custom_emojis"))


@needs_definitions
async def test_apps_and_tokens_fit_their_definitions(world: World) -> None:
    ana = await world.account("ana")
    client = await world.api_as()
    form = {"client_name": "App", "redirect_uris": "https://app.test/", "scopes": "read", "website": "https://app.test"}
    app = right("CredentialApplication", await client.post("/api/v1/apps", **form))
    secrets = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    token = right("Token", await client.post("/oauth/token", grant_type="client_credentials", scope="read", **secrets))
    right("Application", await Client(world.app, token["access_token"]).get("/api/v1/apps/verify_credentials"))
    right("UserInfo", await (await world.api_as(ana, "profile")).get("/oauth/userinfo"))


@needs_definitions
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"id": 1}, "Status::Tag.id is not part of Status::Tag"),
        ({"url": "javascript:x"}, "Status::Tag.url is 'javascript:x', no url"),
        ({"url": None}, "Status::Tag.url is null"),
        ({"name": 3}, "Status::Tag.name is 3, not a String"),
    ],
)
def test_the_check_finds_what_is_wrong(changed: dict[str, Any], told: str) -> None:
    fine = {"name": "cats", "url": "https://here.test/tags/cats"}
    assert check_entity("Status::Tag", fine) == []
    assert check_entity("Status::Tag", fine | changed) == [told]
    assert check_entity("Status::Tag", {"name": "cats"}) == ["Status::Tag.url is missing"]
