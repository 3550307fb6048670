"""Invented people, posts and pages for the tests of templates; nothing here touches a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from dassie.domain.ids import AccountId, MediaId, PollId, StatusId
from dassie.domain.urls import Urls
from dassie.store.views import (
    AccountView,
    AppView,
    CardView,
    EmojiView,
    FieldView,
    MediaView,
    MentionView,
    PollOption,
    PollView,
    StatusRow,
    StatusView,
    ViewerState,
)
from dassie.web.shown import Me, Page, Site

NOW = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
URLS = Urls(base="https://rocks.example", domain="rocks.example", secret=b"s" * 32)
SITE = Site(
    title="Rocks",
    domain="rocks.example",
    version="0.1.0",
    description="A warm pile of stones for three people and a cat.",
    rules=["Be kind.", "No shouting."],
    statuses=1_234,
    people=3,
    peers=412,
)


def account(username: str = "ama", domain: str = "", **changes: Any) -> AccountView:
    base = f"https://{domain or 'rocks.example'}"
    made = AccountView(
        id=AccountId(sum(username.encode()) + len(domain)),
        username=username,
        domain=domain,
        uri=f"{base}/users/{username}",
        url=f"{base}/@{username}",
        actor_type="Person",
        display_name=username.title(),
        note="<p>Climbs. Bakes. <b>Counts</b> stones.</p>",
        fields=[
            FieldView("Site", '<a href="https://ama.example" rel="me">ama.example</a>', NOW - timedelta(days=40)),
            FieldView("Pronouns", "she/her"),
        ],
        emojis=[],
        locked=False,
        discoverable=True,
        indexable=True,
        hide_collections=False,
        memorial=False,
        avatar_key=None,
        avatar_static_key=None,
        avatar_remote_url=None,
        avatar_description="",
        header_key=None,
        header_static_key=None,
        header_remote_url=None,
        header_description="",
        moved_to_uri=None,
        silenced_at=None,
        suspended_at=None,
        statuses_count=1_204,
        followers_count=15_320,
        following_count=88,
        last_status_at=NOW,
        created_at=NOW - timedelta(days=900),
        rev=1,
    )
    return msgspec.structs.replace(made, **changes)


def row(id: int, author: AccountView, content: str, **changes: Any) -> StatusRow:
    made = StatusRow(
        id=StatusId(id),
        uri=f"{author.uri}/statuses/{id}",
        url=f"{author.url}/{id}",
        account_id=author.id,
        local=author.local,
        visibility="public",
        content=content,
        text=None,
        spoiler_text="",
        sensitive=False,
        language="en",
        in_reply_to_id=None,
        in_reply_to_account_id=None,
        in_reply_to_uri=None,
        thread_id=id,
        reblog_of_id=None,
        quote_uri=None,
        application_id=None,
        emojis=[],
        has_media=False,
        has_poll=False,
        replies_count=2,
        reblogs_count=5,
        favourites_count=11,
        quotes_count=0,
        quote_policy=0,
        created_at=NOW - timedelta(minutes=id % 90 + 1),
        edited_at=None,
        rev=1,
    )
    return msgspec.structs.replace(made, **changes)


def picture(id: int = 1, **changes: Any) -> MediaView:
    made = MediaView(
        id=MediaId(id),
        account_id=AccountId(1),
        status_id=None,
        state="ready",
        error=None,
        kind="image",
        file_key=f"media/{id}.webp",
        file_type="image/webp",
        small_key=f"media/{id}-small.webp",
        small_type="image/webp",
        small_chosen=False,
        remote_url=None,
        small_remote_url=None,
        description="A hyrax on a sunny stone",
        blurhash=None,
        focus_x=0.4,
        focus_y=-0.2,
        meta={"original": {"width": 1600, "height": 1200}, "small": {"width": 640, "height": 480}},
    )
    return msgspec.structs.replace(made, **changes)


def poll(status_id: int, own_votes: list[int] | None, **changes: Any) -> PollView:
    made = PollView(
        id=PollId(7),
        status_id=StatusId(status_id),
        account_id=AccountId(999),
        options=[PollOption("Granite", 21), PollOption("Sandstone", 9), PollOption("Pebbles, please", 34)],
        multiple=False,
        hide_totals=False,
        votes_count=64,
        voters_count=64,
        expires_at=NOW + timedelta(hours=20),
        fetched_at=NOW,
        own_votes=own_votes,
    )
    return msgspec.structs.replace(made, **changes)


AMA = account("ama")
BO = account(
    "bo",
    "hills.example",
    display_name="Bo :wave: of the Hills",
    emojis=[EmojiView("wave", "https://hills.example/wave.png")],
)
RTL = account("dalia", "kites.example", display_name="داليا")


def status(id: int = 1, author: AccountView = AMA, content: str = "<p>Hello, stones.</p>", **parts: Any) -> StatusView:
    """A post; what StatusView knows goes there, the rest into its row."""
    beside = {name: parts.pop(name) for name in list(parts) if name in StatusView.__struct_fields__}
    beside.setdefault("viewer", ViewerState())
    return StatusView(row=row(id, author, content, **parts), account=author, **beside)


def link_card(status_id: int, **changes: Any) -> CardView:
    made = CardView(
        status_id=StatusId(status_id),
        url="https://www.news.example/stones",
        type="link",
        title="Why stones are warm",
        description="A geologist explains it.",
        language="en",
        author_name="Ama A.",
        author_url="",
        provider_name="",
        provider_url="",
        html="",
        embed_url="",
        width=600,
        height=314,
        image_url="https://news.example/stone.jpg",
        image_description="A stone",
        blurhash=None,
        published_at=NOW - timedelta(days=2),
        author_account_id=None,
    )
    return msgspec.structs.replace(made, **changes)


def every_kind() -> list[StatusView]:
    """A timeline that shows each state a post can be in."""
    mention = MentionView(StatusId(3), AMA.id, "ama", "", "https://rocks.example/@ama", False)
    tags = " ".join(
        f'<a href="https://hills.example/tags/{tag}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>'
        for tag in ("Climbing", "Granite", "SlowWeekend")
    )
    original = status(
        20, BO, "<p>The evening light on the koppie today. Nobody moved for an hour.</p>", media=[picture(3)]
    )
    return [
        status(
            1, AMA, "<p>Good morning, everyone. The stones are already warm.</p>", viewer=ViewerState(favourited=True)
        ),
        status(
            3,
            BO,
            '<p><span class="h-card"><a href="https://rocks.example/@ama" class="u-url mention">@<span>ama</span></a>'
            f"</span> shall we climb on Saturday? I can bring bread.</p><p>{tags}</p>",
            mentions=[mention],
            in_reply_to_id=StatusId(1),
            reply_to=AMA,
            edited_at=NOW,
            viewer=ViewerState(reblogged=True, bookmarked=True),
        ),
        status(21, AMA, "", reblog=original, reblog_of_id=StatusId(20)),
        status(4, BO, "<p>The butler did it.</p>", spoiler_text="End of the film", sensitive=True),
        status(5, RTL, "<p>الحجارة دافئة هذا الصباح، والشمس تملأ المكان.</p>", language="ar"),
        status(6, BO, "<p>Which stone for the wall?</p>", poll=poll(6, [])),
        status(8, BO, "<p>And which for the path?</p>", poll=poll(8, [2])),
        status(9, AMA, "<p>Four from today.</p>", media=[picture(n) for n in range(10, 14)]),
        status(
            10,
            BO,
            "<p>Careful.</p>",
            sensitive=True,
            media=[picture(14, description=None), picture(15)],
            has_media=True,
        ),
        status(11, AMA, "<p>For followers only.</p>", visibility="private"),
        status(12, BO, "<p>" + "Stones remember what we forget. " * 60 + "</p>"),
        status(13, BO, "<p>Listen.</p>", media=[picture(16, kind="audio", small_key=None), picture(18, kind="audio")]),
        status(14, BO, "<p>Look.</p>", media=[picture(17, kind="video", file_type="video/mp4", description=None)]),
        status(15, AMA, "<p>Just for you, Bo.</p>", visibility="direct", application=AppView("Tusky", None)),
        status(18, BO, '<p>Read <a href="https://news.example/stones">this</a>.</p>', card=link_card(18, author=AMA)),
        status(16, BO, "<p>" + "Donaudampfschifffahrt" * 12 + "</p>", in_reply_to_uri="https://gone.example/1"),
    ]


def page(path: str = "/home", *, signed_in: bool = True, **changes: Any) -> Page:
    me = Me(account=AMA, token="t0k3n", unread=3) if signed_in else None
    made = Page(site=SITE, urls=URLS, path=path, now=NOW, me=me)
    return msgspec.structs.replace(made, **changes)
