"""How each endpoint of the table is called so that it succeeds, in the scene of contract_scene.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from contract_rows import Row
from contract_scene import PICTURE, REDIRECT, Scene, asks, settled, uploaded
from dassie.domain.ids import StatusId
from dassie.services import announcing, notifying
from dassie.store import thread_fetches
from test_annual_reports import MAY, YEAR, wrote
from test_push import App
from worlds import Client, Got

Before = Callable[[Scene], Awaitable[Any]]


@dataclass(frozen=True)
class Ask:
    """A call: values may name things of the scene, `{post}`; `{it}` is what `first` made."""

    values: dict[str, Any] = field(default_factory=dict)
    json: Any = None
    who: str = ""
    first: Before | None = None
    file: str = ""
    accept: str = ""

    async def __call__(self, scene: Scene, row: Row) -> Got:
        """The answer, once what it needs is made."""
        if self.first is not None:
            made = await self.first(scene)
            scene.ids["it"] = made if isinstance(made, str) else str(made["id"]) if made and "id" in made else ""
        return await self.send(scene, row, scene.api[self.who or default_caller(row)])

    async def send(self, scene: Scene, row: Row, client: Client) -> Got:
        """The answer to this client."""
        filled = {name: _filled(value, scene.ids) for name, value in self.values.items()}
        path = row.fill({name: filled[name] for name in row.path_names})
        params = {name: value for name, value in filled.items() if name not in row.path_names}
        if self.file:
            return await client.upload(path, self.file, PICTURE, method=row.method, **params)
        if row.method == "GET":
            if self.accept:
                return await client.request("GET", path, b"", {"accept": self.accept})
            return await client.get(path, **params)
        send = {"POST": client.post, "PUT": client.put, "PATCH": client.patch, "DELETE": client.delete}[row.method]
        return await send(path, _filled(self.json, scene.ids), **params)


def default_caller(row: Row) -> str:
    """Who calls: a person, an app without one, or nobody."""
    return {"user": "ana", "app": "app"}.get(row.auth, "")


def _filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, str):
        return value.format_map(ids)
    if isinstance(value, list):
        return [_filled(one, ids) for one in value]
    if isinstance(value, dict):
        return {name: _filled(one, ids) for name, one in value.items()}
    return value


def ask(
    *, json: Any = None, who: str = "", first: Before | None = None, file: str = "", accept: str = "", **values: Any
) -> Ask:
    """A call with these values in its path, and the others as parameters."""
    return Ask(values, json, who, first, file, accept)


def made(path: str, who: str = "ana", **form: Any) -> Before:
    """Makes something by another call first."""

    async def make(scene: Scene) -> Any:
        return await scene.post(path, who, **_filled(form, scene.ids))

    return make


async def _filter(scene: Scene) -> str:
    words = {"title": "More", "context": ["home"], "keywords_attributes": [{"keyword": "once"}]}
    found: str = (await scene.post("/api/v2/filters", json=words))["id"]
    return found


async def _keyword(scene: Scene) -> str:
    filter = await _filter(scene)
    found: str = (await scene.get(f"/api/v2/filters/{filter}/keywords"))[0]["id"]
    return found


async def _scheduled(scene: Scene) -> Any:
    later = (scene.world.clock.now() + timedelta(hours=2)).isoformat()
    return await scene.post("/api/v1/statuses", status="later still", scheduled_at=later)


async def _follow_request(scene: Scene) -> str:
    await scene.api["bob"].patch("/api/v1/accounts/update_credentials", locked=True)
    await scene.post("/api/v1/accounts/{bob}/unfollow", "dan")
    await scene.post("/api/v1/accounts/{bob}/follow", "dan")
    return scene.ids["dan"]


async def _notified(scene: Scene) -> str:
    async with scene.world.server.write() as tx:
        people = scene.people
        await notifying.notify(tx, scene.world.server, people["ana"].id, "follow", people["bob"].id)
    found: str = (await scene.get("/api/v1/notifications"))[0]["id"]
    return found


async def _announced(scene: Scene) -> str:
    async with scene.world.server.write() as tx:
        return str(await announcing.announce(tx, scene.world.server, "More news"))


async def _reacted(scene: Scene) -> str:
    id = await _announced(scene)
    await scene.api["ana"].put(f"/api/v1/announcements/{id}/reactions/🎉")
    return id


async def _talked(scene: Scene) -> str:
    await scene.post("/api/v1/statuses", "cas", status="@ana a word", visibility="direct")
    await settled(scene.world)
    found: str = (await scene.get("/api/v1/conversations"))[0]["id"]
    return found


async def _subscribed(scene: Scene) -> None:
    got = await scene.api["ana"].post("/api/v1/push/subscription", json=App().asks(mention=True))
    assert got.code == 200, got.text


async def _code(scene: Scene) -> None:
    """The app's own token is ended by the row that needs it: a fresh one."""
    given = {name: scene.ids[id] for name, id in (("client_id", "client"), ("client_secret", "secret"))}
    token = await scene.post("/oauth/token", "", grant_type="client_credentials", **given)
    scene.ids["ending"] = token["access_token"]


async def _thread(scene: Scene) -> str:
    async with scene.world.server.write() as tx:
        await thread_fetches.begin(tx, StatusId(int(scene.ids["famous"])), "word")
    return "word"


async def _signed_up(scene: Scene) -> str:
    """Somebody whose address is not proved yet, with the app's token for them."""
    form = _filled(NEWCOMER | {"username": "{it}", "email": "{it}@mail.test"}, {"it": f"new{len(scene.people)}"})
    scene.people[form["username"]] = scene.people["ana"]  # counts them
    token = await scene.post("/api/v1/accounts", "app", **form)
    scene.api["newcomer"] = Client(scene.world.app, token["access_token"])
    return ""


async def _quote(scene: Scene) -> str:
    quoting = await scene.post("/api/v1/statuses", "bob", status="look", quoted_status_id=scene.ids["post"])
    id: str = quoting["id"]
    return id


async def _year(scene: Scene) -> str:
    """The year that is looked back on."""
    await wrote(scene.world, scene.people["ana"], MAY, tags=[("figs", "Figs")])
    got = await scene.api["ana"].post(f"/api/v1/annual_reports/{YEAR}/generate")
    assert got.code in (200, 202), got.text
    await settled(scene.world)
    return str(YEAR)


async def _collection(scene: Scene) -> str:
    for who in ("bob", "cas"):
        await scene.api[who].patch("/api/v1/accounts/update_credentials", discoverable=True)
    form = {"name": "Rocks", "account_ids": [scene.ids["bob"]], "tag_name": "cats"}
    found = (await scene.post("/api/v1/collections", json=form))["collection"]
    scene.ids["item"] = found["items"][0]["id"]
    id: str = found["id"]
    return id


STATUS = made("/api/v1/statuses", status="to be used up #cats")
BOB, CAS, EVE = ask(id="{bob}"), ask(id="{cas}"), ask(id="{eve}")
POST, PLAIN = ask(id="{post}"), ask(id="{plain}")
NONE = ask()
ACTIVITY = "application/activity+json"
LOGIN: dict[str, Any] = {"client_id": "{client}", "client_secret": "{secret}"}

NEWCOMER: dict[str, Any] = {"password": "correct horse battery", "agreement": True, "locale": "en"}

CALLS: dict[str, Ask] = {
    # accounts
    "GET /api/v1/accounts": ask(id=["{ana}", "{eve}"]),
    "GET /api/v1/accounts/:id": BOB,
    "POST /api/v1/accounts/:id/block": ask(id="{fay}"),
    "POST /api/v1/accounts/:id/unblock": ask(id="{fay}"),
    "POST /api/v1/accounts/:id/endorse": CAS,
    "POST /api/v1/accounts/:id/unendorse": CAS,
    "POST /api/v1/accounts/:id/pin": CAS,
    "POST /api/v1/accounts/:id/unpin": CAS,
    "GET /api/v1/accounts/:id/endorsements": ask(id="{ana}"),
    "GET /api/v1/accounts/:id/featured_tags": ask(id="{ana}"),
    "POST /api/v1/accounts/:id/follow": ask(id="{eve}", reblogs=False, notify=True, languages=["en"]),
    "POST /api/v1/accounts/:id/unfollow": EVE,
    "GET /api/v1/accounts/:id/followers": ask(id="{bob}"),
    "GET /api/v1/accounts/:id/following": ask(id="{ana}"),
    "GET /api/v1/accounts/:id/identity_proofs": BOB,
    "GET /api/v1/accounts/:id/lists": BOB,
    "POST /api/v1/accounts/:id/mute": ask(id="{eve}", duration=60, notifications=False),
    "POST /api/v1/accounts/:id/unmute": EVE,
    "POST /api/v1/accounts/:id/note": ask(id="{bob}", comment="kind"),
    "POST /api/v1/accounts/:id/remove_from_followers": BOB,
    "GET /api/v1/accounts/:id/statuses": ask(id="{ana}", exclude_replies=True),
    "GET /api/v1/accounts/familiar_followers": ask(id=["{eve}"]),
    "GET /api/v1/accounts/lookup": ask(acct="eve@else.test"),
    "GET /api/v1/accounts/relationships": ask(id=["{bob}", "{dan}", "{fay}"]),
    "GET /api/v1/accounts/search": ask(q="bob"),
    "PATCH /api/v1/accounts/update_credentials": ask(file="avatar", note="Hello #cats", display_name="Ana"),
    "GET /api/v1/accounts/verify_credentials": NONE,
    "POST /api/v1/accounts": ask(username="newcomer", email="newcomer@mail.test", **NEWCOMER),
    "POST /api/v1/emails/confirmations": ask(who="newcomer", email="other@mail.test", first=_signed_up),
    # announcements, apps, async refreshes, collections
    "GET /api/v1/announcements": ask(first=_reacted),
    "POST /api/v1/announcements/:id/dismiss": ask(id="{it}", first=_announced),
    "PUT /api/v1/announcements/:id/reactions/:name": ask(id="{announcement}", name="🎉"),
    "DELETE /api/v1/announcements/:id/reactions/:name": ask(id="{it}", name="🎉", first=_reacted),
    "POST /api/v1/apps": ask(
        client_name="Another", redirect_uris=[REDIRECT], scopes="read", website="https://app.test"
    ),
    "GET /api/v1/apps/verify_credentials": NONE,
    "GET /api/v1_alpha/async_refreshes/:id": ask(id="{it}", first=_thread),
    "GET /api/v1/accounts/:account_id/collections": ask(account_id="{ana}", first=_collection),
    "GET /api/v1/accounts/:account_id/in_collections": ask(account_id="{bob}", who="bob", first=_collection),
    "POST /api/v1/collections": ask(json={"name": "Pebbles", "language": "en", "account_ids": ["{bob}"]}),
    "POST /api/v1/collections/:collection_id/items": ask(collection_id="{it}", account_id="{cas}", first=_collection),
    "DELETE /api/v1/collections/:collection_id/items/:id": ask(collection_id="{it}", id="{item}", first=_collection),
    "POST /api/v1/collections/:collection_id/items/:id/revoke": ask(
        collection_id="{it}", id="{item}", who="bob", first=_collection
    ),
    "GET /api/v1/collections/:id": ask(id="{it}", first=_collection),
    "PATCH /api/v1/collections/:id": ask(id="{it}", description="Found", discoverable=False, first=_collection),
    "DELETE /api/v1/collections/:id": ask(id="{it}", first=_collection),
    "GET /api/v1/annual_reports": ask(first=_year),
    "GET /api/v1/annual_reports/:year": ask(year="{it}", first=_year),
    "GET /api/v1/annual_reports/:year/state": ask(year="{it}", first=_year),
    "POST /api/v1/annual_reports/:year/generate": ask(year="{it}", first=_year),
    "POST /api/v1/annual_reports/:year/read": ask(year="{it}", first=_year),
    # what one has
    "GET /api/v1/blocks": NONE,
    "GET /api/v1/bookmarks": NONE,
    "GET /api/v1/conversations": NONE,
    "DELETE /api/v1/conversations/:id": ask(id="{it}", first=_talked),
    "POST /api/v1/conversations/:id/read": ask(id="{it}", first=_talked),
    "GET /api/v1/custom_emojis": NONE,
    "GET /api/v1/directory": ask(order="new"),
    "GET /api/v1/domain_blocks": NONE,
    "POST /api/v1/domain_blocks": ask(domain="worse.test"),
    "DELETE /api/v1/domain_blocks": ask(domain="worse.test"),
    "GET /api/v1/endorsements": NONE,
    "GET /api/v1/favourites": NONE,
    "GET /api/v1/featured_tags": NONE,
    "POST /api/v1/featured_tags": ask(name="dogs"),
    "DELETE /api/v1/featured_tags/:id": ask(id="{it}", first=made("/api/v1/featured_tags", name="gone")),
    "GET /api/v1/featured_tags/suggestions": NONE,
    # filters
    "GET /api/v1/filters": NONE,
    "POST /api/v1/filters": ask(phrase="old", context=["home"], irreversible=True, whole_word=True, expires_in=600),
    "GET /api/v1/filters/:id": ask(id="{keyword}"),
    "PUT /api/v1/filters/:id": ask(id="{it}", phrase="older", context=["home"], first=_keyword),
    "DELETE /api/v1/filters/:id": ask(id="{it}", first=_keyword),
    "GET /api/v2/filters": NONE,
    "POST /api/v2/filters": ask(
        json={"title": "New", "context": ["thread"], "filter_action": "hide", "expires_in": 60}
    ),
    "GET /api/v2/filters/:filter_id/keywords": ask(filter_id="{filter}"),
    "POST /api/v2/filters/:filter_id/keywords": ask(filter_id="{filter}", keyword="word", whole_word=False),
    "GET /api/v2/filters/:filter_id/statuses": ask(filter_id="{filter}"),
    "POST /api/v2/filters/:filter_id/statuses": ask(filter_id="{filter}", status_id="{asked}"),
    "GET /api/v2/filters/:id": ask(id="{filter}"),
    "PUT /api/v2/filters/:id": ask(id="{it}", title="Changed", context=["home"], first=_filter),
    "DELETE /api/v2/filters/:id": ask(id="{it}", first=_filter),
    "GET /api/v2/filters/keywords/:id": ask(id="{keyword}"),
    "PUT /api/v2/filters/keywords/:id": ask(id="{it}", keyword="twice", first=_keyword),
    "DELETE /api/v2/filters/keywords/:id": ask(id="{it}", first=_keyword),
    "GET /api/v2/filters/statuses/:id": ask(id="{singled}"),
    "DELETE /api/v2/filters/statuses/:id": ask(
        id="{it}", first=made("/api/v2/filters/{filter}/statuses", status_id="{reply}")
    ),
    # follows
    "GET /api/v1/follow_requests": ask(who="bob", first=_follow_request),
    "POST /api/v1/follow_requests/:account_id/authorize": ask(account_id="{it}", who="bob", first=_follow_request),
    "POST /api/v1/follow_requests/:account_id/reject": ask(account_id="{it}", who="bob", first=_follow_request),
    "GET /api/v1/followed_tags": NONE,
    # notifications
    "GET /api/v2/notifications": ask(grouped_types=["favourite", "reblog"]),
    "GET /api/v2/notifications/:group_key": ask(group_key="{group}"),
    "GET /api/v2/notifications/:group_key/accounts": ask(group_key="{group}"),
    "POST /api/v2/notifications/:group_key/dismiss": ask(group_key="ungrouped-{it}", first=_notified),
    "GET /api/v2/notifications/unread_count": ask(limit=10),
    "GET /api/v2_alpha/notifications": ask(expand_accounts="partial_avatars"),
    "GET /api/v2_alpha/notifications/:group_key": ask(group_key="{group}"),
    "POST /api/v2_alpha/notifications/:group_key/dismiss": ask(group_key="ungrouped-{it}", first=_notified),
    "GET /api/v2_alpha/notifications/unread_count": NONE,
    "GET /api/v1/notifications": ask(limit=80),
    "GET /api/v1/notifications/:id": ask(id="{notification}"),
    "POST /api/v1/notifications/:id/dismiss": ask(id="{it}", first=_notified),
    "POST /api/v1/notifications/clear": ask(who="dan"),
    "GET /api/v1/notifications/unread_count": NONE,
    "GET /api/v1/notifications/requests": NONE,
    "GET /api/v1/notifications/requests/:id": ask(id="{it}", first=asks),
    "POST /api/v1/notifications/requests/:id/accept": ask(id="{it}", first=asks),
    "POST /api/v1/notifications/requests/:id/dismiss": ask(id="{it}", first=asks),
    "POST /api/v1/notifications/requests/accept": ask(id=["{it}"], first=asks),
    "POST /api/v1/notifications/requests/dismiss": ask(id=["{it}"], first=asks),
    "GET /api/v1/notifications/requests/merged": NONE,
    "GET /api/v2/notifications/policy": NONE,
    "PATCH /api/v2/notifications/policy": ask(for_bots="filter"),
    # the server
    "GET /health": NONE,
    "GET /api/v1/instance": NONE,
    "GET /api/v1/instance/activity": NONE,
    "GET /api/v1/instance/domain_blocks": NONE,
    "GET /api/v1/instance/extended_description": NONE,
    "GET /api/v1/instance/peers": NONE,
    "GET /api/v1/instance/privacy_policy": NONE,
    "GET /api/v1/instance/rules": NONE,
    "GET /api/v1/instance/terms_of_service": NONE,
    "GET /api/v1/instance/terms_of_service/:date": ask(date="{today}"),
    "GET /api/v1/instance/translation_languages": NONE,
    "GET /api/v2/instance": NONE,
    # lists, markers, media
    "GET /api/v1/lists": NONE,
    "POST /api/v1/lists": ask(title="More", replies_policy="none", exclusive=True),
    "GET /api/v1/lists/:id": ask(id="{list}"),
    "PUT /api/v1/lists/:id": ask(id="{list}", title="Good friends"),
    "DELETE /api/v1/lists/:id": ask(id="{it}", first=made("/api/v1/lists", title="Gone")),
    "GET /api/v1/lists/:id/accounts": ask(id="{list}"),
    "POST /api/v1/lists/:id/accounts": ask(id="{it}", account_ids=["{bob}"], first=made("/api/v1/lists", title="Some")),
    "DELETE /api/v1/lists/:id/accounts": ask(id="{list}", account_ids=["{cas}"]),
    "GET /api/v1/markers": ask(timeline=["home", "notifications"]),
    "POST /api/v1/markers": ask(json={"notifications": {"last_read_id": "1"}}),
    "POST /api/v1/media": ask(file="file", description="One pixel", focus="0,0.5"),
    "POST /api/v2/media": ask(file="file"),
    "GET /api/v1/media/:id": ask(id="{it}", first=uploaded),
    "PUT /api/v1/media/:id": ask(id="{it}", description="Changed", first=uploaded),
    "DELETE /api/v1/media/:id": ask(id="{it}", first=uploaded),
    "GET /api/v1/mutes": NONE,
    # OAuth
    "GET /.well-known/oauth-authorization-server": NONE,
    "GET /oauth/authorize": ask(response_type="code", client_id="{client}", redirect_uri=REDIRECT),
    "POST /oauth/token": ask(grant_type="client_credentials", **LOGIN),
    "POST /oauth/revoke": ask(token="{ending}", first=_code, **LOGIN),
    "GET /oauth/userinfo": NONE,
    "POST /oauth/userinfo": NONE,
    "GET /api/oembed": ask(url="https://here.test/@ana/{post}"),
    # polls, oneself, push
    "GET /api/v1/polls/:id": ask(id="{poll}"),
    "POST /api/v1/polls/:id/votes": ask(id="{poll}", choices=["0"]),
    "GET /api/v1/preferences": NONE,
    "GET /api/v1/profile": NONE,
    "PATCH /api/v1/profile": ask(file="header", note="Hello", header_description="A pixel"),
    "DELETE /api/v1/profile/avatar": NONE,
    "DELETE /api/v1/profile/header": NONE,
    "GET /api/v1/push/subscription": ask(first=_subscribed),
    "POST /api/v1/push/subscription": ask(json=App().asks(mention=True, policy="followed")),
    "PUT /api/v1/push/subscription": ask(json={"data": {"alerts": {"poll": True}}}, first=_subscribed),
    "DELETE /api/v1/push/subscription": ask(first=_subscribed),
    "POST /api/v1/reports": ask(account_id="{eve}", comment="rude", status_ids=["{famous}"]),
    # statuses
    "GET /api/v1/scheduled_statuses": NONE,
    "GET /api/v1/scheduled_statuses/:id": ask(id="{scheduled}"),
    "PUT /api/v1/scheduled_statuses/:id": ask(id="{it}", scheduled_at="2099-01-01T00:00:00Z", first=_scheduled),
    "DELETE /api/v1/scheduled_statuses/:id": ask(id="{it}", first=_scheduled),
    "GET /api/v2/search": ask(q="cats", who="ana"),
    "GET /api/v1/statuses": ask(id=["{post}", "{asked}", "{famous}"], who="ana"),
    "POST /api/v1/statuses": ask(status="Hello again", language="en"),
    "GET /api/v1/statuses/:id": ask(id="{post}", who="ana"),
    "PUT /api/v1/statuses/:id": ask(id="{it}", status="Changed", first=STATUS),
    "DELETE /api/v1/statuses/:id": ask(id="{it}", first=STATUS),
    "GET /api/v1/statuses/:id/context": POST,
    "GET /api/v1/statuses/:id/history": POST,
    "GET /api/v1/statuses/:id/source": POST,
    "GET /api/v1/statuses/:id/favourited_by": POST,
    "GET /api/v1/statuses/:id/reblogged_by": POST,
    "POST /api/v1/statuses/:id/pin": ask(id="{it}", first=STATUS),
    "POST /api/v1/statuses/:id/unpin": POST,
    "PUT /api/v1/statuses/:id/interaction_policy": ask(id="{it}", quote_approval_policy="nobody", first=STATUS),
    "GET /api/v1/statuses/:id/quotes": ask(id="{post}", first=_quote),
    "POST /api/v1/statuses/:id/quotes/:quoting_status_id/revoke": ask(
        id="{post}", quoting_status_id="{it}", first=_quote
    ),
    "POST /api/v1/statuses/:id/translate": ask(id="{plain}", lang="de"),
    **{
        f"POST /api/v1/statuses/:id/{verb}": PLAIN
        for mark in ("bookmark", "favourite", "mute", "reblog")
        for verb in (mark, f"un{mark}")
    },
    # people to follow, tags, timelines, trends
    "GET /api/v1/suggestions": NONE,
    "GET /api/v2/suggestions": NONE,
    "DELETE /api/v1/suggestions/:account_id": ask(account_id="{fay}"),
    "POST /api/v1/tags/:id/feature": ask(id="birds"),
    "POST /api/v1/tags/:id/unfeature": ask(id="birds"),
    "GET /api/v1/tags/:name": ask(name="cats"),
    "POST /api/v1/tags/:name/follow": ask(name="birds"),
    "POST /api/v1/tags/:name/unfollow": ask(name="birds"),
    "GET /api/v1/timelines/home": NONE,
    "GET /api/v1/timelines/link": ask(url="https://news.test/1"),
    "GET /api/v1/timelines/list/:list_id": ask(list_id="{list}"),
    "GET /api/v1/timelines/public": NONE,
    "GET /api/v1/timelines/tag/:hashtag": ask(hashtag="cats"),
    "GET /api/v1/trends": NONE,
    "GET /api/v1/trends/links": NONE,
    "GET /api/v1/trends/statuses": NONE,
    "GET /api/v1/trends/tags": NONE,
    "GET /api/v1/streaming": NONE,
    "GET /api/v1/streaming/health": NONE,
    # pages and what other servers look for
    "GET /": NONE,
    "GET /@:username": ask(username="ana"),
    "GET /@:username/:id": ask(username="ana", id="{post}"),
    "GET /@:username/:id/embed": ask(username="ana", id="{post}"),
    "GET /@:username/media": ask(username="ana"),
    "GET /@:username/tagged/:tag": ask(username="ana", tag="cats"),
    "GET /@:username/with_replies": ask(username="ana"),
    "GET /about": NONE,
    "GET /explore": NONE,
    "GET /privacy-policy": NONE,
    "GET /public": NONE,
    "GET /users/:username": ask(username="ana", accept=ACTIVITY),
    "GET /users/:username/statuses/:id": ask(username="ana", id="{post}", accept=ACTIVITY),
    "GET /.well-known/change-password": NONE,
    "GET /.well-known/host-meta": NONE,
    "GET /.well-known/nodeinfo": NONE,
    "GET /.well-known/webfinger": ask(resource="acct:ana@here.test"),
    "GET /nodeinfo/2.0": NONE,
}
