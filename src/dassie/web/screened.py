"""Notifications that are held back: who asks, letting them through, and the settings that decide it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from dassie.domain.errors import NotFound
from dassie.domain.notification_policies import RULES, VERDICTS
from dassie.services import screening
from dassie.store import accounts, notification_policies, notification_requests, statuses
from dassie.store.notification_requests import NotificationRequest
from dassie.store.tx import Tx
from dassie.web.answers import Answer, Go, Html
from dassie.web.mailed import mailed_in_words
from dassie.web.reading import feed
from dassie.web.routing import form, page
from dassie.web.shown import Asking
from dassie.web.texts import gettext as _
from dassie.web.visits import PAGE_SIZE, Visit

SAID = {"accept": "let_through", "dismiss": "dismissed"}


@page("/notifications/requests", signed_in=True)
async def asking(visit: Visit) -> Answer:
    """Whose mentions are held back, newest first."""
    return await _list(visit, {})


@form("/notifications/requests")
async def answer(visit: Visit) -> Answer:
    """Let the chosen through, or dismiss them."""
    said = SAID.get(str(visit.params.get("do", "")))
    ids = visit.params.ids("id")
    if said is None or not ids:
        return await _list(visit, {"chosen": _("Choose somebody first.")})
    async with visit.server.write() as tx:
        chosen = await notification_requests.by_ids(tx, visit.me.id, ids)
        answered = screening.accept if said == "let_through" else screening.dismiss
        await answered(tx, visit.me.id, chosen)
    return Go("/notifications/requests", said)


@page("/notifications/requests/{id}", signed_in=True)
async def held_back(visit: Visit, id: int) -> Html:
    """What is held back of one person."""
    async with visit.server.read() as tx:
        found = await notification_requests.by_ids(tx, visit.me.id, [id])
        shown = await _shown(tx, visit, found)
        if not shown:
            raise NotFound
        one = shown[0]
        held = await notification_requests.held_statuses(tx, visit.me.id, one.account.id, visit.part())
        posts = await statuses.show(tx, [status for _id, status in held], viewer=visit.viewer)
        around = await visit.page(tx)
    return feed(visit, "pages/notification_request.html", around, posts, [told for told, _status in held], asking=one)


@page("/settings/notifications", signed_in=True)
async def notification_settings(visit: Visit) -> Html:
    """Whose notifications are held back or ignored."""
    async with visit.server.read() as tx:
        policy = await notification_policies.read(tx, visit.me.id)
        around = await visit.page(tx)
    return visit.html(
        "pages/settings_notifications.html",
        around,
        policy=structs.asdict(policy),
        rules=rules_in_words(),
        mailed=mailed_in_words(visit) if visit.server.mail.on and visit.user.email else None,
    )


@form("/settings/notifications")
async def save_notification_settings(visit: Visit) -> Answer:
    """Keep them."""
    named = {rule: visit.params.word(rule, VERDICTS) for rule in RULES}
    async with visit.server.write() as tx:
        policy = await notification_policies.read(tx, visit.me.id)
        given = {rule: verdict for rule, verdict in named.items() if verdict}
        await screening.change_policy(tx, visit.me.id, structs.replace(policy, **given))
    return Go("/settings/notifications", "saved")


def rules_in_words() -> list[tuple[str, str, str]]:
    """Name, label and hint of each rule."""
    return [
        ("for_not_following", _("People I do not follow"), _("Until you let them through")),
        ("for_not_followers", _("People who do not follow me"), _("Or do so for less than three days")),
        ("for_new_accounts", _("New accounts"), _("Made within the last 30 days")),
        (
            "for_private_mentions",
            _("Private mentions I did not ask for"),
            _("Unless they answer one of yours, or you follow them"),
        ),
        ("for_limited_accounts", _("Limited accounts"), _("By the moderators of this server")),
        ("for_bots", _("Automated accounts"), ""),
    ]


async def _list(visit: Visit, problems: dict[str, str]) -> Answer:
    async with visit.server.read() as tx:
        found = await notification_requests.newest(tx, visit.me.id, visit.part())
        shown = await _shown(tx, visit, found)
        around = await visit.page(tx)
    return visit.html(
        "pages/notification_requests.html",
        around,
        http_code=422 if problems else 200,
        asking=shown,
        errors=problems,
        older=visit.older([one.id for one in found], PAGE_SIZE),
    )


async def _shown(tx: Tx, visit: Visit, found: Sequence[NotificationRequest]) -> list[Asking]:
    people = await accounts.by_ids(tx, [one.from_account_id for one in found])
    ids = [one.last_status_id for one in found if one.last_status_id is not None]
    posts = {one.id: one for one in await statuses.show(tx, ids, viewer=visit.viewer)}
    return [
        Asking(
            one.id,
            people[one.from_account_id],
            one.count,
            one.updated_at,
            posts.get(one.last_status_id) if one.last_status_id is not None else None,
        )
        for one in found
        if one.from_account_id in people
    ]
