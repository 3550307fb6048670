"""Notifications by mail: the letter, which kinds one wants, and ending them without a sign-in."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from dassie.domain.errors import NotFound
from dassie.domain.html import to_text
from dassie.domain.ids import AccountId, parse_id
from dassie.domain.jobs import SendMail
from dassie.domain.mailed import FOR_STAFF, MAILED
from dassie.domain.roles import may
from dassie.server import Server
from dassie.services import mailing_news
from dassie.store import accounts, logins, notifications, statuses
from dassie.store.tx import Tx
from dassie.store.views import StatusView
from dassie.web.answers import Answer, Go
from dassie.web.letters import Letter, Quoted, letter
from dassie.web.routing import form, page
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

MOST_QUOTED = 1_000
ABOUT_A_POST = frozenset({"mention", "quote", "favourite", "reblog"})


@letter("news")
async def news(tx: Tx, server: Server, job: SendMail) -> Letter | None:
    """What happened, unless it was taken back, seen, or told in another way meanwhile."""
    account_id, id = (parse_id(job.about.get(name, "")) for name in ("account", "notification"))
    if account_id is None or id is None:
        return None
    user = await logins.user_of(tx, account_id)
    told = await notifications.by_id(tx, account_id, id)
    if user is None or told is None or told.filtered or user.email != job.to or not mailing_news.wants(user, told.type):
        return None
    sender = await accounts.by_id(tx, told.from_account_id)
    post = await _post(tx, told.status_id, told.account_id)
    if sender is None or sender.suspended_at is not None or (post is None and told.type in ABOUT_A_POST):
        return None
    if not await mailing_news.is_away(tx, server, user, told.id) or mailing_news.is_too_much(server, user):
        return None
    handle = f"@{sender.username}@{sender.domain or server.urls.domain}"
    happened = words(told.type).format(name=sender.shown_name)
    return Letter(
        subject=happened,
        lines=[f"{happened} ({handle})."],
        quoted=Quoted(sender.shown_name, _quoted(post))
        if post is not None and told.type in ("mention", "quote")
        else None,
        button=(_("Look at it"), _where(server, told.type)),
        unsubscribe=f"{server.urls.base}/unsubscribe/{mailing_news.unsubscribe_token(server, user, told.type)}",
    )


@form("/settings/notifications/mail")
async def save(visit: Visit) -> Answer:
    """Keep which kinds one wants."""
    chosen = set(visit.params.texts("type"))
    wanted = tuple(one for one in MAILED if one in chosen)
    always = bool(visit.params.flag("always_send_emails"))
    async with visit.server.write() as tx:
        kept = structs.replace(visit.user.settings, email_types=wanted, always_send_emails=always)
        await logins.save_settings(tx, visit.user.id, kept)
    return Go("/settings/notifications", "saved")


@page("/unsubscribe/{token}")
async def ask(visit: Visit, token: str) -> Answer:
    """One button: links in letters are opened by programs too."""
    async with visit.server.read() as tx:
        found = await mailing_news.subscription(tx, visit.server, token[:200])
        around = await visit.page(tx)
    if found is None:
        raise NotFound
    guest, headers = visit.guest()
    values: dict[str, Any] = {
        "token": around.me.token if around.me is not None else guest,
        "link": token[:200],
        "kind": in_words(found[1]),
        "done": False,
    }
    return visit.html("pages/unsubscribe.html", around, headers=headers, **values)


@form("/unsubscribe", signed_in=False)
async def end(visit: Visit) -> Answer:
    """No more letters about this kind."""
    async with visit.server.write() as tx:
        type = await mailing_news.unsubscribe(tx, visit.server, visit.params.text("link", most=200) or "")
    if type is None:
        raise NotFound
    async with visit.server.read() as tx:
        around = await visit.page(tx)
    return visit.html("pages/unsubscribe.html", around, token="", link="", kind=in_words(type), done=True)


def mailed_in_words(visit: Visit) -> list[tuple[str, str, bool]]:
    """Name and label of each kind, and whether it is chosen; those of the staff for the staff."""
    staff = may(visit.user.role, "manage_users") or may(visit.user.role, "manage_reports")
    kinds = [one for one in MAILED if one not in FOR_STAFF or staff]
    return [(one, in_words(one), one in visit.user.settings.email_types) for one in kinds]


def in_words(type: str) -> str:
    """The kind as a choice."""
    return {
        "mention": _("somebody mentions me"),
        "quote": _("somebody quotes me"),
        "follow": _("somebody follows me"),
        "follow_request": _("somebody asks to follow me"),
        "favourite": _("somebody favourites a post of mine"),
        "reblog": _("somebody boosts a post of mine"),
        "admin.sign_up": _("somebody signs up"),
        "admin.report": _("somebody files a report"),
    }[type]


def words(type: str) -> str:
    """What happened; `{name}` is who caused it."""
    return {
        "mention": _("{name} mentioned you"),
        "quote": _("{name} quoted your post"),
        "follow": _("{name} is now following you"),
        "follow_request": _("{name} asks to follow you"),
        "favourite": _("{name} favourited your post"),
        "reblog": _("{name} boosted your post"),
        "admin.sign_up": _("{name} signed up"),
        "admin.report": _("{name} filed a report"),
    }[type]


def _where(server: Server, type: str) -> str:
    pages = {"admin.sign_up": "/admin/sign_ups", "admin.report": "/admin/reports"}
    return f"{server.urls.base}{pages.get(type, '/notifications')}"


def _quoted(post: StatusView) -> str:
    row = post.proper.row
    text = row.spoiler_text or to_text(row.content)
    return text if len(text) <= MOST_QUOTED else text[: MOST_QUOTED - 1].rstrip() + "…"


async def _post(tx: Tx, id: int | None, viewer: AccountId) -> StatusView | None:
    found = await statuses.show(tx, [id], viewer=viewer) if id is not None else []
    return found[0] if found else None
