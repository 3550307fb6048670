"""What a client in a browser does, at another origin than ours: preflights, discovery, consent, all ways to send."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from client_server import SCOPES, Person, Served
from consenting import Person as BrowsingPerson
from consenting import Seen
from sample_pictures import png
from strict_client import trusting_session

pytestmark = pytest.mark.slow

ORIGIN = "https://client.example"
VERIFIER = "a-verifier-that-is-long-enough-for-the-rules-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class App:
    """A page at another origin, and who is signed in there."""

    def __init__(self, served: Served, person: Person | None = None) -> None:
        self.served = served
        self.session = trusting_session(served)
        self.session.headers["Origin"] = ORIGIN
        self.person = person
        if person is not None:
            self.session.headers["Authorization"] = f"Bearer {person.token}"

    def call(self, method: str, path: str, **more: Any) -> Any:
        """Any answer; a browser would not let the page read one without CORS headers."""
        answer = self.session.request(method, self.served.base + path, timeout=30, allow_redirects=False, **more)
        assert answer.status_code < 500, answer.text
        return answer

    def json(self, method: str, path: str, **more: Any) -> Any:
        answer = self.call(method, path, **more)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        assert answer.headers["access-control-allow-origin"] == "*"
        return answer.json()


@pytest.fixture
def app(served: Served) -> Iterator[App]:
    made = App(served, served.person())
    yield made
    made.session.close()


@pytest.fixture
def guest(served: Served) -> Iterator[App]:
    made = App(served)
    yield made
    made.session.close()


@pytest.fixture(scope="module")
def registered(served: Served) -> dict[str, Any]:
    """An app with every kind of address to come back to."""
    made = App(served)
    redirects = [f"{ORIGIN}/back", "http://localhost:5173/back", "http://127.0.0.1:8000/back", "http://[::1]:1/back"]
    answer: dict[str, Any] = made.json(
        "POST", "/api/v1/apps", json={"client_name": "Web", "redirect_uris": redirects, "scopes": SCOPES}
    )
    made.session.close()
    assert answer["redirect_uris"] == redirects
    return answer


def asking(registered: dict[str, Any], redirect: str = f"{ORIGIN}/back", **more: str) -> str:
    asked = {"client_id": registered["client_id"], "redirect_uri": redirect, "response_type": "code", "scope": SCOPES}
    return f"/oauth/authorize?{urlencode(asked | more)}"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/timelines/home"),
        ("POST", "/api/v1/statuses"),
        ("PATCH", "/api/v1/accounts/update_credentials"),
        ("PUT", "/api/v1/statuses/1"),
        ("DELETE", "/api/v1/statuses/1"),
        ("POST", "/api/v2/media"),
        ("POST", "/oauth/token"),
        ("POST", "/oauth/revoke"),
        ("GET", "/oauth/userinfo"),
        ("GET", "/.well-known/oauth-authorization-server"),
        ("GET", "/.well-known/webfinger"),
        ("GET", "/nodeinfo/2.0"),
        ("GET", "/api/v1/not_there_yet"),
    ],
)
def test_preflights_allow_what_clients_send(guest: App, method: str, path: str) -> None:
    asked = {
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    answer = guest.call("OPTIONS", path, headers=asked)
    assert answer.status_code in (200, 204)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert method in answer.headers["access-control-allow-methods"].split(", ")
    allowed = answer.headers["access-control-allow-headers"].lower().split(", ")
    assert {"authorization", "content-type", "idempotency-key"} <= set(allowed)
    assert "access-control-allow-credentials" not in answer.headers


def test_any_further_header_of_a_client_is_allowed(guest: App) -> None:
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization,x-requested-with"}
    answer = guest.call("OPTIONS", "/api/v1/timelines/home", headers=asked)
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert "authorization" in allowed
    assert "*" in allowed.split(", ") or "x-requested-with" in allowed


def test_answers_and_errors_can_be_read_across_origins(app: App, guest: App) -> None:
    for answer, code in (
        (app.call("GET", "/api/v1/timelines/home"), 200),
        (guest.call("GET", "/api/v1/timelines/home"), 401),
        (guest.call("GET", "/api/v1/statuses/1"), 404),
        (guest.call("GET", "/api/v1/no_such_thing"), 404),
        (app.call("POST", "/api/v1/statuses", json={"status": ""}), 422),
        (app.call("POST", "/api/v1/statuses", data="{", headers={"content-type": "application/json"}), 400),
        (guest.call("POST", "/oauth/token", data={"grant_type": "password"}), 400),
        (guest.call("GET", "/.well-known/webfinger", params={"resource": "acct:nobody@nowhere.test"}), 404),
        (guest.call("GET", "/nodeinfo/2.0"), 200),
        (guest.call("GET", "/.well-known/nodeinfo"), 200),
    ):
        assert answer.status_code == code, (answer.url, answer.status_code)
        assert answer.headers["access-control-allow-origin"] == "*", answer.url
        if code >= 400 and "webfinger" not in answer.url:
            assert isinstance(answer.json()["error"], str), answer.url
    app.json("POST", "/api/v1/statuses", json={"status": "one"})
    listed = app.call("GET", f"/api/v1/accounts/{app.person.id}/statuses?limit=1")  # type: ignore[union-attr]
    exposed = listed.headers["access-control-expose-headers"].lower()
    for name in ("link", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"):
        assert name in exposed
        assert name in listed.headers
    assert f"<{app.served.base}/api/v1/accounts/" in listed.headers["link"]


def test_the_head_of_the_front_page_tells_the_time(guest: App) -> None:
    answer = guest.call("HEAD", "/")
    assert answer.status_code == 200
    assert answer.content == b""
    assert parsedate_to_datetime(answer.headers["date"]).year > 2000


def test_everything_is_found_from_the_metadata(guest: App, registered: dict[str, Any]) -> None:
    person = BrowsingPerson(guest.served, guest.served.person().name)
    found = guest.json("GET", "/.well-known/oauth-authorization-server")
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert set(found["response_modes_supported"]) == {"query", "fragment", "form_post"}
    assert found["app_registration_endpoint"] == f"{guest.served.base}/api/v1/apps"
    address = found["authorization_endpoint"] + asking(
        registered, code_challenge=CHALLENGE, code_challenge_method="S256", state="s", lang="de"
    ).removeprefix("/oauth/authorize")
    fields = {
        "grant_type": "authorization_code",
        "client_id": registered["client_id"],
        "client_secret": registered["client_secret"],
        "redirect_uri": f"{ORIGIN}/back",
    }
    path = urlsplit(found["token_endpoint"]).path
    for verifier in ("x" * 43, ""):
        wrong = guest.call("POST", path, data=fields | {"code": person.code_for(address), "code_verifier": verifier})
        assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    given = guest.json("POST", path, json=fields | {"code": person.code_for(address), "code_verifier": VERIFIER})
    guest.session.headers["Authorization"] = f"Bearer {given['access_token']}"
    assert guest.json("GET", "/api/v1/accounts/verify_credentials")["username"] == person.name

    # who allowed this app once is not asked again, unless the app wants it
    seen = person.open(address)
    assert "code" in seen.answer
    asked_again = person.open(f"{address}&force_login=true")
    assert asked_again.code == 200
    assert "Allow Web?" in asked_again.text


@pytest.mark.parametrize("place", ["http://localhost:5173/back", "http://127.0.0.1:8000/back", "http://[::1]:1/back"])
def test_an_app_on_this_very_machine_gets_its_code(served: Served, registered: dict[str, Any], place: str) -> None:
    person = BrowsingPerson(served, served.person().name)
    seen = person.allow(asking(registered, place, state="s"))
    assert seen.url.startswith(f"{place}?")
    assert set(seen.answer) == {"code", "state"}


def test_the_code_comes_in_the_way_that_was_asked_for(served: Served, registered: dict[str, Any]) -> None:
    person = BrowsingPerson(served, served.person().name)
    by_query = person.allow(asking(registered, response_mode="query"))
    assert "code" in by_query.answer
    assert "#" not in by_query.url
    by_fragment = person.allow(asking(registered, response_mode="fragment", state="s", force_login="true"))
    assert urlsplit(by_fragment.url).query == ""
    assert by_fragment.url.startswith(f"{ORIGIN}/back#")
    assert by_fragment.answer["state"] == "s"
    by_form = person.allow(asking(registered, response_mode="form_post", state="s"))
    (form,) = by_form.forms
    assert form.attributes["action"] == f"{ORIGIN}/back"
    assert {str(one.attributes["name"]) for one in form.css("input[name]")} == {"code", "state"}
    refused = person.allow(asking(registered, state="s", force_login="1"), decision="refuse")
    assert (refused.answer["error"], refused.answer["state"]) == ("access_denied", "s")


def test_consent_in_a_pop_up_keeps_the_window_that_opened_it(served: Served, registered: dict[str, Any]) -> None:
    person = BrowsingPerson(served, served.person().name)
    pages: list[Seen] = [person.open("/auth/sign_in"), person.open(asking(registered))]
    pages.append(person.send(pages[-1], login=person.name, password="wrong"))
    pages.append(person.allow(asking(registered, response_mode="form_post")))
    assert "Allow" not in pages[0].text
    for page in pages:
        assert page.headers.get("cross-origin-opener-policy", "unsafe-none") == "unsafe-none", page.url
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    home = person.open("/home")
    assert home.headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize("style", ["json", "form", "multipart", "query"])
def test_a_status_with_a_poll_comes_in_every_style(app: App, style: str) -> None:
    flat = [
        ("status", "Where?"),
        ("sensitive", "on"),
        ("spoiler_text", "choose"),
        ("poll[options][]", "here"),
        ("poll[options][]", "there"),
        ("poll[expires_in]", "3600"),
        ("poll[multiple]", "true"),
    ]
    poll = {"options": ["here", "there"], "expires_in": 3600, "multiple": True}
    nested: dict[str, Any] = {"status": "Where?", "sensitive": True, "spoiler_text": "choose", "poll": poll}
    sent: dict[str, dict[str, Any]] = {
        "json": {"json": nested},
        "form": {"data": flat},
        "multipart": {"files": [(name, (None, value)) for name, value in flat]},
        "query": {"params": flat},
    }
    key = secrets.token_hex(8)
    made = app.json("POST", "/api/v1/statuses", headers={"Idempotency-Key": key}, **sent[style])
    again = app.json("POST", "/api/v1/statuses", headers={"Idempotency-Key": key}, **sent[style])
    assert made["id"] == again["id"]
    assert (made["sensitive"], made["spoiler_text"], made["poll"]["multiple"]) == (True, "choose", True)
    assert [option["title"] for option in made["poll"]["options"]] == ["here", "there"]


@pytest.mark.parametrize("style", ["json", "json texts", "form", "form without brackets in query", "multipart"])
def test_votes_come_in_every_style(app: App, guest: App, style: str) -> None:
    poll = {"options": ["here", "there", "nowhere"], "expires_in": 3600, "multiple": True}
    made = app.json("POST", "/api/v1/statuses", json={"status": "Where?", "poll": poll})["poll"]
    voter = App(app.served, app.served.person())
    sent: dict[str, dict[str, Any]] = {
        "json": {"json": {"choices": [0, 2]}},
        "json texts": {"json": {"choices": ["0", "2"]}},
        "form": {"data": [("choices[]", "0"), ("choices[]", "2")]},
        "form without brackets in query": {"params": [("choices[]", "0"), ("choices[]", "2")]},
        "multipart": {"files": [("choices[]", (None, "0")), ("choices[]", (None, "2"))]},
    }
    voted = voter.json("POST", f"/api/v1/polls/{made['id']}/votes", **sent[style])
    voter.session.close()
    assert voted["own_votes"] == [0, 2]
    assert guest.json("GET", f"/api/v1/polls/{made['id']}")["votes_count"] == 2


def test_files_come_with_their_words_and_go_out_to_other_origins(app: App, guest: App) -> None:
    file = ("stone.png", png(40, 30), "image/png")
    made = app.json("POST", "/api/v2/media", files={"file": file}, data={"description": "A stone", "focus": "0.5,-0.5"})
    assert made["meta"]["focus"] == {"x": 0.5, "y": -0.5}
    assert urlsplit(made["url"]).path.endswith((".png", ".jpg", ".jpeg", ".webp"))
    changed = app.json("PUT", f"/api/v1/media/{made['id']}", json={"description": "A warm stone"})
    assert changed["description"] == "A warm stone"
    shown = guest.call("GET", urlsplit(made["url"]).path)
    assert shown.headers["access-control-allow-origin"] == "*"
    assert shown.headers["content-type"].startswith("image/")
    attached = app.json("POST", "/api/v1/statuses", data={"status": "", "media_ids[]": made["id"]})
    assert [one["id"] for one in attached["media_attachments"]] == [made["id"]]
    empty = app.call("POST", "/api/v2/media", data={"description": "nothing"})
    assert empty.status_code == 422


@pytest.mark.parametrize("style", ["json list", "json by index", "form", "multipart with a picture"])
def test_profiles_come_in_every_style(app: App, style: str) -> None:
    flat = {
        "display_name": "Ana",
        "locked": "1",
        "fields_attributes[0][name]": "Likes",
        "fields_attributes[0][value]": "figs",
        "fields_attributes[1][name]": "Home",
        "fields_attributes[1][value]": "rocks",
        "source[privacy]": "unlisted",
        "source[sensitive]": "true",
    }
    fields = [{"name": "Likes", "value": "figs"}, {"name": "Home", "value": "rocks"}]
    source = {"privacy": "unlisted", "sensitive": True}
    common = {"display_name": "Ana", "locked": True, "source": source}
    sent: dict[str, dict[str, Any]] = {
        "json list": {"json": common | {"fields_attributes": fields}},
        "json by index": {"json": common | {"fields_attributes": {"0": fields[0], "1": fields[1]}}},
        "form": {"data": flat},
        "multipart with a picture": {"data": flat, "files": {"avatar": ("a.png", png(50, 50), "image/png")}},
    }
    changed = app.json("PATCH", "/api/v1/accounts/update_credentials", **sent[style])
    assert (changed["display_name"], changed["locked"]) == ("Ana", True)
    assert [(one["name"], one["value"]) for one in changed["source"]["fields"]] == [
        ("Likes", "figs"),
        ("Home", "rocks"),
    ]
    assert (changed["source"]["privacy"], changed["source"]["sensitive"]) == ("unlisted", True)
    off = app.json("PATCH", "/api/v1/accounts/update_credentials", data={"locked": "false"})
    assert off["locked"] is False


@pytest.mark.parametrize("style", ["one", "brackets", "indices", "json body", "repeated"])
def test_relationships_are_asked_for_in_every_style(app: App, style: str) -> None:
    others = [app.served.person().id for _ in range(1 if style == "one" else 2)]
    sent: dict[str, dict[str, Any]] = {
        "one": {"params": {"id": others[0]}},
        "brackets": {"params": [("id[]", id) for id in others]},
        "indices": {"params": [(f"id[{i}]", id) for i, id in enumerate(others)]},
        "json body": {"data": json.dumps({"id": others}), "headers": {"content-type": "application/json"}},
        "repeated": {"params": {"id[]": [str(id) for id in others]}},
    }
    found = app.json("GET", "/api/v1/accounts/relationships", **sent[style])
    assert [int(one["id"]) for one in found] == others


def test_effects_are_there_in_the_very_next_request(app: App, guest: App) -> None:
    made = app.json("POST", "/api/v1/statuses", json={"status": "here today"})
    path = f"/api/v1/statuses/{made['id']}"
    assert made["url"].endswith(f"/{made['id']}")
    for verb, count in (("favourite", 1), ("unfavourite", 0)):
        app.json("POST", f"{path}/{verb}")
        assert app.json("GET", path)["favourites_count"] == count
    for verb, count in (("reblog", 1), ("unreblog", 0)):
        app.json("POST", f"{path}/{verb}")
        assert app.json("GET", path)["reblogs_count"] == count
    app.json("DELETE", path)
    gone = app.call("GET", path)
    assert (gone.status_code, gone.json()) == (404, {"error": "Record not found"})


def test_people_can_be_read_as_data_across_origins(app: App, guest: App) -> None:
    assert app.person is not None
    for path in (f"/@{app.person.name}", f"/users/{app.person.name}"):
        answer = guest.call("GET", path, headers={"accept": "application/activity+json"})
        assert answer.status_code == 200, path
        assert answer.headers["access-control-allow-origin"] == "*", path
