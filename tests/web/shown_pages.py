"""Every template with invented content: what the tests check and what is looked at while designing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from msgspec import structs

import shown_collections
import shown_emojis
import shown_reports
import shown_storage
from dassie.domain.filters import CONTEXTS
from dassie.domain.ids import StatusId
from dassie.domain.notification_policies import NotificationPolicy
from dassie.domain.prices import price_list
from dassie.domain.privacy import INTRODUCTION, LINES
from dassie.domain.relays import Relay, RelayRules
from dassie.domain.settings import Terms
from dassie.services.describing import Said
from dassie.services.reporting_relays import RelayReport, Slice
from dassie.store.announcements import Announcement
from dassie.store.costs import Cost
from dassie.store.domain_blocks import Ties
from dassie.store.featured_tags import FeaturedTag
from dassie.store.filters import Filter
from dassie.store.lists import UserList
from dassie.store.relay_figures import Held, Made
from dassie.store.severances import Severance
from dassie.store.tag_uses import TagView
from dassie.store.views import QuoteView, StatusView
from dassie.web import admin_relays, relay_charts, relay_words
from dassie.web.announced import Told
from dassie.web.filtering import Row, Typed
from dassie.web.rendering import render
from dassie.web.screened import rules_in_words
from dassie.web.shown import (
    AppAccess,
    Asking,
    Notice,
    NotificationGroup,
    Page,
    Planned,
    Relation,
    Reply,
    ScopeGroup,
    Section,
    SignedIn,
    Thread,
    Writing,
)
from invented import AMA, BO, NOW, RTL, every_kind, page, picture, status
from shown_registrations import of_registrations

LANGUAGES = [("en", "English"), ("de", "German"), ("ar", "Arabic")]
COMPOSER: dict[str, Any] = {
    "media_limit": 4,
    "poll_limit": 4,
    "text_limit": 500,
    "languages": LANGUAGES,
    "durations": [(3600, "1 hour"), (86_400, "1 day")],
}


def _groups() -> list[NotificationGroup]:
    mine = status(1, AMA, "<p>Good morning, everyone. The stones are already warm.</p>")
    asked = status(31, BO, "<p>Are you there, Ama?</p>")
    lost = Severance(3, "user_domain_block", "dunes.example", 12, 1, NOW)
    return [
        NotificationGroup("favourite", [BO, RTL], 2, NOW - timedelta(minutes=3), 9, mine, unread=True),
        NotificationGroup("mention", [BO], 1, NOW - timedelta(minutes=9), 8, asked),
        NotificationGroup("reblog", [RTL], 1, NOW - timedelta(hours=3), 7, mine),
        NotificationGroup("follow", [RTL, BO], 14, NOW - timedelta(days=1), 6),
        NotificationGroup("poll", [BO], 1, NOW - timedelta(days=2), 5, asked),
        NotificationGroup("update", [BO], 1, NOW - timedelta(days=3), 4, mine),
        NotificationGroup("quote", [BO], 1, NOW - timedelta(days=3), 2, asked),
        NotificationGroup("quoted_update", [BO], 1, NOW - timedelta(days=3), 1, asked),
        NotificationGroup("severed_relationships", [AMA], 1, NOW, 3, event=lost),
    ]


def _thread() -> Thread:
    before = [status(40, BO, "<p>What is a koppie?</p>")]
    opened = status(41, AMA, "<p>A small hill of stones. Ours is full of hyraxes.</p>", media=[picture(50)])
    after = [
        Reply(1, status(42, BO, "<p>Can I see?</p>", in_reply_to_id=StatusId(41), reply_to=AMA)),
        Reply(2, status(43, AMA, "<p>Of course.</p>")),
        Reply(3, status(44, RTL, "<p>أنا أيضا؟</p>", language="ar")),
    ]
    return Thread(opened, before, after)


def _posts() -> Iterator[tuple[str, str, Page, dict[str, Any]]]:
    kinds = every_kind()
    older = "/home?max_id=9"
    yield "home", "home", page("/home"), {"statuses": kinds, "older": older}
    news = [Told(1, "<p>An upgrade <b>tonight</b>.</p>", NOW)]
    yield "home-news", "home", page("/home"), {"statuses": kinds[:2], "older": None, "told": news}
    talked: dict[str, Any] = {"tags": [TagView(1, "granite", "Granite")], "statuses": kinds[:3], "people": [BO]}
    talked |= {"relations": {BO.id: Relation()}, "links": [one.card for one in kinds if one.card][:1]}
    yield "explore", "explore", page("/explore"), talked
    yield "explore-empty", "explore", page("/explore", signed_in=False), dict.fromkeys(talked, ())
    yield "home-empty", "home", page("/home", notice=Notice("Your post is out.")), {"statuses": [], "older": None}
    for scope in ("all", "local", "remote"):
        yield f"public-{scope}", "public", page("/public"), {"statuses": kinds[:3], "older": None, "scope": scope}
    yield "public-empty", "public", page("/public", signed_in=False), {"statuses": [], "scope": "all"}
    yield (
        "public-guest",
        "public",
        page("/public", signed_in=False),
        {"statuses": kinds, "scope": "all", "older": older},
    )
    yield (
        "tag",
        "tag",
        page("/tags/granite"),
        {"statuses": kinds[:2], "older": None, "tag": "granite", "following": True},
    )
    yield (
        "tag-empty",
        "tag",
        page("/tags/x", signed_in=False),
        {"statuses": [], "older": None, "tag": "x", "following": None},
    )
    waits = Planned(
        id=7,
        text="Good morning",
        spoiler="Early",
        visibility="public",
        at=NOW,
        field="2026-11-24T18:30",
        error="",
        fault="",
        files=[picture(60)],
        poll=True,
        answers=3,
    )
    failed = structs.replace(waits, id=8, error="It is gone.", fault="Too soon.")
    yield "scheduled", "scheduled", page("/scheduled"), {"planned": [waits, failed]}
    yield "scheduled-empty", "scheduled", page("/scheduled"), {"planned": []}
    words = {"status": kinds[0], "source": "Portuguese", "service": "LibreTranslate", "to": "en", "targets": LANGUAGES}
    yield "translation", "translation", page("/@bo/1/translation"), words
    for kind in ("bookmarks", "favourites"):
        yield kind, "saved", page(f"/{kind}"), {"statuses": kinds[:2], "older": older, "kind": kind}
        yield f"{kind}-empty", "saved", page(f"/{kind}"), {"statuses": [], "older": None, "kind": kind}
    yield "post", "post", page("/@ama/41"), {"thread": _thread()}
    alone = Thread(status(41, BO, "<p>Alone.</p>", edited_at=NOW))
    yield "post-guest", "post", page("/@bo@hills.example/41", signed_in=False), {"thread": alone}
    yield "delete", "delete", page("/statuses/1/delete"), {"status": kinds[0]}
    yield "front", "front", page("/", signed_in=False), {"statuses": kinds[:3]}
    mine = status(61, AMA, "<p>Stones.</p>")
    around = {"quoted": mine.row, "author": AMA, "own": True, "older": None, "hidden": []}
    yield "quotes", "quotes", page("/@ama/61/quotes"), around | {"statuses": list(_quotes(mine)), "hidden": [62, 63]}
    yield "quotes-none", "quotes", page("/@ama/61/quotes"), around | {"statuses": []}


def _quotes(mine: StatusView) -> Iterator[StatusView]:
    """Posts that quote, in every state a quote may have."""
    deep = structs.replace(mine, quote=QuoteView("accepted", StatusId(60)))
    states = ("accepted", "muted_account", "pending", "rejected", "revoked", "deleted", "unauthorized")
    for n, state in enumerate(states):
        inside = deep if state in ("accepted", "muted_account") else None
        words = '<p class="quote-inline">RE: elsewhere</p><p>As it is said here.</p>'
        yield structs.replace(status(70 + n, BO, words), quote=QuoteView(state, StatusId(61), inside))


def _people() -> Iterator[tuple[str, str, Page, dict[str, Any]]]:
    kinds = every_kind()
    shown: dict[str, Any] = {"statuses": kinds[:3], "older": None, "pinned": [kinds[5]], "tab": "posts"}
    shown["tagged"] = "granite"
    shown["featured"] = [FeaturedTag(1, 2, "Granite", "granite", 3, NOW), FeaturedTag(2, 3, "figs", "figs")]
    nothing: dict[str, Any] = {"statuses": [], "older": None, "pinned": [], "featured": [], "tagged": None}
    follower = Relation(followed_by=True)
    forward: dict[str, Any] = {"account": AMA, "relation": None, "accounts": [BO], "relations": {}, "older": None}
    forward |= {"tags": shown["featured"], "typed": "", "errors": {}}
    yield "featured-own", "featured", page("/@ama/featured"), forward
    yield "featured-guest", "featured", page("/@ama/featured", signed_in=False), forward
    refused_tag = {**forward, "accounts": [], "errors": {"name": "This cannot be a hashtag."}}
    yield "featured-refused", "featured", page("/@ama/featured"), refused_tag
    yield "profile-own", "profile", page("/@ama"), {"account": AMA, "relation": None, **shown}
    yield "profile", "profile", page("/@bo@hills.example"), {"account": BO, "relation": follower, **shown}
    owner = structs.replace(AMA, shown_role="Owner")
    yield "profile-guest", "profile", page("/@ama", signed_in=False), {"account": owner, "relation": None, **shown}
    yield "profile-empty", "profile", page("/@ama/media"), {"account": AMA, "relation": None, **nothing, "tab": "media"}
    yield "profile-unknown", "profile", page("/@bo"), {"account": BO, "relation": Relation(), **nothing, "tab": "posts"}
    known = {BO.id: Relation(following=True), RTL.id: Relation()}
    for kind in ("followers", "following"):
        listed = {"account": AMA, "kind": kind, "accounts": [BO, RTL], "relations": known, "hidden": False}
        yield kind, "people", page(f"/@ama/{kind}"), {**listed, "older": "?max_id=1"}
        yield f"{kind}-hidden", "people", page(f"/@ama/{kind}"), {**listed, "hidden": True, "older": None}
    yield "block", "block", page("/accounts/1/block"), {"account": BO}
    told = {"groups": _groups(), "requests": [RTL], "held": 3, "only": "all", "older": "?max_id=1"}
    yield "notifications", "notifications", page("/notifications"), told
    quiet: dict[str, Any] = {"groups": [], "requests": [], "held": 0, "only": "mentions", "older": None}
    yield "notifications-empty", "notifications", page("/notifications"), quiet
    asking = [Asking(7, RTL, 100, NOW, status(33, RTL, "<p>يوم سعيد</p>")), Asking(8, BO, 1, NOW)]
    held: dict[str, Any] = {"asking": asking, "errors": {"chosen": "Choose somebody first."}, "older": "?max_id=1"}
    yield "held-back", "notification_requests", page("/notifications/requests"), held
    nobody: dict[str, Any] = {"asking": [], "errors": {}, "older": None}
    yield "held-back-nobody", "notification_requests", page("/notifications/requests"), nobody
    of_one = {"asking": asking[1], "statuses": kinds[:2], "older": None}
    yield "held-back-one", "notification_request", page("/notifications/requests/8"), of_one
    mailed = [("mention", "somebody mentions me", True), ("follow", "somebody follows me", False)]
    policy = {"policy": structs.asdict(NotificationPolicy()), "rules": rules_in_words(), "mailed": mailed}
    yield "settings-notifications", "settings_notifications", page("/settings/notifications"), policy
    found = {"query": "bo", "accounts": [BO], "tags": ["bo"], "statuses": kinds[:1], "relations": known, "problem": ""}
    yield "search", "search", page("/search"), found
    none: dict[str, Any] = {"accounts": [], "tags": [], "statuses": [], "relations": {}}
    yield "search-nothing", "search", page("/search"), {"query": "zzz", "problem": "", **none}
    failed = "hills.example did not answer."
    yield "search-failed", "search", page("/search"), {"query": "@x@hills.example", "problem": failed, **none}


def _forms() -> Iterator[tuple[str, str, Page, dict[str, Any]]]:
    guest = page("/auth/sign_in", signed_in=False)
    yield "publish", "publish", page("/publish"), {"writing": Writing(key="k"), **COMPOSER}
    answer = Writing(key="k", text="@bo@hills.example ", reply_to=status(3, BO, "<p>Climb?</p>"), visibility="unlisted")
    yield "publish-reply", "publish", page("/publish"), {"writing": answer, **COMPOSER}
    edit = Writing(key="k", text="Hello", editing=status(1), media=[picture(4)], spoiler="Stones")
    yield "publish-edit", "publish", page("/publish"), {"writing": edit, **COMPOSER}
    refused = Writing(key="k", text="", errors={"status": "Write something, or add a file."}, poll_options=["a"])
    yield "publish-refused", "publish", page("/publish"), {"writing": refused, **COMPOSER}
    yield (
        "sign-in",
        "sign_in",
        guest,
        {"token": "t", "next": "/home", "login": "", "errors": {}, "mail": False, "unproved": False},
    )
    wrong = {"": "This name and password do not go together."}
    yield (
        "sign-in-wrong",
        "sign_in",
        guest,
        {"token": "t", "next": "", "login": "ama", "errors": wrong, "mail": True, "unproved": True},
    )
    unclaimed = {
        "token": "t",
        "code": "",
        "username": "",
        "display_name": "",
        "errors": {"username": "Choose another name."},
    }
    yield "claim", "claim", page("/start", signed_in=False), unclaimed
    yield (
        "codes",
        "codes",
        page("/auth/recovery_codes"),
        {"codes": [f"{n:05}-stone" for n in range(10)], "next": "/home"},
    )
    profile = {"display_name": "Ama", "note": "Climbs.", "fields": [("Site", "https://ama.example")], "errors": {}}
    yield "settings-profile", "settings_profile", page("/settings/profile"), profile
    chosen = {"languages": LANGUAGES, "time_zones": [("", "UTC"), ("Africa/Windhoek", "Africa/Windhoek")]}
    yield "settings-preferences", "settings_preferences", page("/settings/preferences"), chosen
    browsers = [
        SignedIn(1, "Firefox on Linux", "192.0.2.7", NOW - timedelta(days=3), NOW, current=True),
        SignedIn(2, "Safari on iPhone", "192.0.2.9", NOW - timedelta(days=30), NOW - timedelta(days=1)),
    ]
    sign_in = {"sessions": browsers, "codes_left": 9, "errors": {"current": "This is not your password."}}
    sign_in |= {"email": "ama@mail.example", "unproved": "ama@new.example", "mail": True}
    yield "settings-sign-in", "settings_sign_in", page("/auth/edit"), sign_in
    apps = [AppAccess(1, "Tusky", "https://tusky.example", "read write", NOW - timedelta(days=9), NOW)]
    yield "settings-apps", "settings_apps", page("/oauth/authorized_applications"), {"apps": apps}
    tags: dict[str, Any] = {"tags": [TagView(1, "granite", "Granite")], "older": "?max_id=1", "typed": "", "errors": {}}
    yield "followed-tags", "followed_tags", page("/followed_tags"), tags
    refused_tag = {**tags, "tags": [], "older": None, "typed": "a b", "errors": {"name": "This cannot be a hashtag."}}
    yield "followed-tags-refused", "followed_tags", page("/followed_tags"), refused_tag
    servers: dict[str, Any] = {"domains": ["hills.example"], "older": "?max_id=1", "typed": "", "errors": {}}
    yield "domain-blocks", "domain_blocks", page("/domain_blocks"), servers
    refused_server: dict[str, Any] = {"domains": [], "older": None, "typed": "a b"}
    refused_server["errors"] = {"domain": "This is not a server."}
    yield "domain-blocks-refused", "domain_blocks", page("/domain_blocks"), refused_server
    asked = {"domain": "hills.example", "ties": Ties(3, 1)}
    upgrade = Announcement(1, "An upgrade tonight.", False, None, NOW + timedelta(days=1), NOW, NOW)
    news: dict[str, Any] = {"announced": [upgrade], "reactions": {1: 2}, "now": NOW, "errors": {}}
    news["typed"] = {"text": "", "starts_at": "", "ends_at": ""}
    yield "announcements", "admin/announcements", page("/admin/announcements"), news
    wrong_news = {**news, "announced": [], "errors": {"text": "can't be blank"}}
    yield "announcements-refused", "admin/announcements", page("/admin/announcements"), wrong_news
    yield "domain-block", "domain_block", page("/domain_blocks/hills.example"), asked
    yield from _lists_and_filters()
    yield "settings-apps-empty", "settings_apps", page("/oauth/authorized_applications"), {"apps": []}
    scopes = [
        ScopeGroup("Read", ["See your timelines, posts and notifications"]),
        ScopeGroup("Administration", ["Change this server"], warned=True),
    ]
    ask = {
        "app_name": "Tusky",
        "app_website": None,
        "returns_to": "tusky.example",
        "scopes": scopes,
        "hidden": {"a": "b"},
        "again": "/oauth/authorize?a=b",
    }
    yield "consent", "consent", page("/oauth/authorize"), ask
    yield "code", "code", page("/oauth/authorize/native"), {"code": "x" * 43}
    told_of = {"extended": "<h2>Who we are</h2><p>Hyraxes.</p>", "terms": True}
    yield "about", "about", page("/about", signed_in=False), told_of
    policy: dict[str, Any] = {"written": "", "introduction": INTRODUCTION, "lines": LINES}
    yield "privacy", "privacy", page("/privacy-policy"), policy
    yield "privacy-own", "privacy", page("/privacy-policy"), {**policy, "written": "<h2>Little</h2><p>Posts.</p>"}
    first_terms = Terms(NOW.date(), "Be kind", "<p>Be kind.</p>", NOW)
    yield "terms", "terms", page("/terms-of-service"), {"terms": first_terms, "after": first_terms}
    texts = {"typed": dict.fromkeys(Said.__struct_fields__, "x"), "terms": {"text": "", "effective_on": ""}}
    described = {**texts, "published": ["2027-01-01"], "errors": {}}
    yield "admin-about", "admin/about", page("/admin/about"), described
    yield "admin-about-refused", "admin/about", page("/admin/about"), {**described, "errors": {"rules": "are too many"}}
    for code in (400, 403, 404, 410, 429, 500, 503):
        told = {
            "code": code,
            "heading": "Not here",
            "sentence": "There is nothing here.",
            "next_step": "Look elsewhere.",
        }
        yield f"error-{code}", "error", page("/x", signed_in=code != 404), {**told, "request_id": "req-1"}


RELAY = Relay(
    id=7,
    url="https://relay.example/inbox",
    kind="mastodon",
    state="pending",
    domain="relay.example",
    inbox_url="https://relay.example/inbox",
    actor_uri=None,
    follow_uri="https://rocks.example/actor#follows/relays/7",
    sends=True,
    rules=RelayRules(languages=["en"]),
    last_error=None,
    paused_until=None,
    trial_until=None,
    accepted_at=None,
    last_heard_at=None,
    created_at=NOW,
)


def _report() -> RelayReport:
    def slices(most: int, length: timedelta) -> list[Slice]:
        made = [Slice(NOW - n * length, offered=n * 10, admitted=min(n * 10, 60)) for n in range(most)]
        for one in made:
            one.refused.update({"quota": max(one.offered - 60, 0), "language": 1})
        return made[::-1]

    cost = Cost("relay", "7", 900, 600, 300, 5_000_000, 700, 900_000, 12)
    made_of = Made(600, 12, [("hills.example", 400), ("x.example", 200)], [("en", 500), ("", 100)])
    return RelayReport(
        slices(24, timedelta(hours=1)), slices(30, timedelta(days=1)), cost, cost, Held(600, 590), made_of, 3, 1, False
    )


def _admin() -> Iterator[tuple[str, str, Page, dict[str, Any]]]:
    def framed(path: str) -> Page:
        me = page().me
        assert me is not None
        sections = [Section("/admin/relays", "Relays"), Section("/admin/storage", "Storage")]
        return page(path, me=structs.replace(me, sections=sections))

    going = structs.replace(RELAY, state="accepted", last_heard_at=NOW)
    typed = {**admin_relays._shown(RELAY.rules, True), "url": ""}
    rows = [
        (one, relay_words.standing(one, NOW), _report().last_day)
        for one in (going, structs.replace(RELAY, id=8, state="rejected", last_error="It says no."))
    ]
    listed: dict[str, Any] = {
        "relays": rows,
        "offered": 900,
        "admitted": 600,
        "prices": price_list(),
        "left": 2_000_000_000,
    }
    yield "admin-relays", "admin/relays", framed("/admin/relays"), {**listed, "typed": typed, "errors": {}}
    wrong = {"errors": {"url": "Give an address.", "languages": "Give codes."}, "typed": typed}
    nothing = {"relays": [], "offered": 0, "admitted": 0, "prices": price_list(), "left": None}
    yield "admin-relays-empty", "admin/relays", framed("/admin/relays"), {**nothing, **wrong}
    one = {
        "relay": going,
        "report": _report(),
        "shown": relay_charts.shown(_report()),
        "refused": [(NOW, "In another language", "https://x.example/1")],
        "typed": typed,
    }
    fine = {"standing": relay_words.standing(going, NOW), "paused": False, "errors": {}}
    yield "admin-relay", "admin/relay", framed("/admin/relays/7"), {**one, **fine}
    paused = {**one, **fine, "paused": True, "errors": {"posts_per_hour": "Give a number."}}
    yield "admin-relay-paused", "admin/relay", framed("/admin/relays/7"), paused
    held = {"relay": going, "held": Held(600, 590)}
    yield "admin-relay-undo", "admin/relay_undo", framed("/admin/relays/7/undo"), held
    for name, template, path, values in (*shown_storage.pages(), *shown_emojis.pages()):
        yield name, template, framed(path), values


def _lists_and_filters() -> Iterator[tuple[str, str, Page, dict[str, Any]]]:
    one = UserList(5, AMA.id, "Climbers", "list", True)
    yield "lists", "lists", page("/lists"), {"lists": [one], "typed": "", "errors": {}}
    refused = {"lists": [], "typed": "", "errors": {"title": "Title can't be blank"}}
    yield "lists-refused", "lists", page("/lists"), refused
    yield "list", "list", page("/lists/5"), {"one": one, "statuses": every_kind(), "older": None}
    yield "list-empty", "list", page("/lists/5"), {"one": one, "statuses": [], "older": None}
    edited = {"one": one, "typed": one.title, "members": [BO, RTL], "older": "?max_id=1", "errors": {}}
    yield "list-edit", "list_edit", page("/lists/5/edit"), edited
    yield "list-edit-empty", "list_edit", page("/lists/5/edit"), {**edited, "members": [], "older": None}
    chosen = {"account": BO, "lists": [one], "inside": {5}, "takable": True}
    yield "choose-lists", "choose_lists", page("/accounts/2/lists"), chosen
    yield "choose-lists-stranger", "choose_lists", page("/accounts/2/lists"), {**chosen, "takable": False}
    places = list(zip(CONTEXTS, ("Home", "Notifications", "Public", "Threads", "Profiles"), strict=True))
    spiders = Filter(3, AMA.id, "Spiders", ["home", "public"], "warn", NOW + timedelta(days=2))
    gone = Filter(4, AMA.id, "Elections", ["home"], "hide", NOW - timedelta(days=2))
    listed = {"filters": [spiders, gone], "words": {3: ["spider", "tarantula"]}, "places": places}
    yield "filters", "filters", page("/filters"), listed
    yield "filters-empty", "filters", page("/filters"), {**listed, "filters": []}
    form = {"id": None, "typed": Typed(), "singled": [], "places": places, "lasting": [("0", "Without end")]}
    yield "filter-new", "filter_edit", page("/filters/new"), {**form, "errors": {"title": "Title can't be blank"}}
    typed = Typed("Spiders", ["home"], "blur", NOW + timedelta(days=2), [Row(1, "spider"), Row()])
    known: dict[str, Any] = {**form, "id": 3, "typed": typed, "errors": {}}
    known["singled"] = [(8, status(31, BO, "<p>Eight legs!</p>"))]
    yield "filter-edit", "filter_edit", page("/filters/3/edit"), known
    caught = structs.replace(status(31, BO, "<p>Eight legs!</p>"), filtered=["Spiders"])
    yield "home-filtered", "home", page("/home"), {"statuses": [caught], "older": None}


def all_pages() -> Iterator[tuple[str, str]]:
    """Name and HTML of every page in every state worth a look."""
    for name, template, shown, values in (
        *_posts(),
        *_people(),
        *_forms(),
        *_admin(),
        *shown_reports.of_reports(),
        *of_registrations(),
        *shown_reports.of_mail_readers(),
        *shown_reports.of_years(),
        *shown_collections.of_collections(),
    ):
        yield name, render(f"{template if '/' in template else f'pages/{template}'}.html", shown, **values)
