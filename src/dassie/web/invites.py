"""My invitations: links by which others come here."""

from __future__ import annotations

from dassie.domain.errors import Invalid
from dassie.domain.ids import parse_id
from dassie.domain.roles import may
from dassie.services import inviting
from dassie.store import invites
from dassie.web import admin
from dassie.web.answers import Answer, Go
from dassie.web.routing import form, page
from dassie.web.shown import Invitation
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

SHOWN = 100
USES = (1, 5, 10, 25, 50, 100)


@page("/invites", signed_in=True)
async def list_invites(visit: Visit) -> Answer:
    """They, and a form for another."""
    admin.check(visit, "invite_users")
    return await _page(visit, {})


@form("/invites")
async def invite(visit: Visit) -> Answer:
    """A new link."""
    admin.check(visit, "invite_users")
    params = visit.params
    uses, lasts = parse_id(str(params.get("max_uses", ""))), parse_id(str(params.get("expires_in", "")))
    try:
        async with visit.server.write() as tx:
            await inviting.invite(
                tx, visit.user, max_uses=uses, lasts=lasts, autofollow=bool(params.flag("autofollow"))
            )
    except Invalid as error:
        return await _page(visit, {"": error.safe})
    return Go("/invites", "invited")


@form("/invites/{id}/end")
async def end(visit: Visit, id: int) -> Answer:
    """Nobody comes by it any more; who came stays."""
    async with visit.server.write() as tx:
        await inviting.end(tx, visit.user, id)
    return Go("/invites", "invite_ended")


async def _page(visit: Visit, problems: dict[str, str]) -> Answer:
    async with visit.server.read() as tx:
        found = await invites.of_user(tx, visit.user.id, SHOWN)
        around = await visit.page(tx)
        now = tx.now
    shown = [
        Invitation(
            one.id,
            f"{visit.urls.base}/invite/{one.code}",
            one.uses,
            one.max_uses,
            one.expires_at,
            one.autofollow,
            one.is_open(now),
        )
        for one in found
    ]
    return visit.html(
        "pages/invites.html",
        around,
        http_code=422 if problems else 200,
        invites=shown,
        errors=problems,
        uses=[("", _("Without limit")), *((str(n), str(n)) for n in USES)],
        lasts=_lasts(),
        bypasses=may(visit.user.role, "invite_bypass_approval"),
    )


def _lasts() -> list[tuple[str, str]]:
    words = (_("30 minutes"), _("1 hour"), _("6 hours"), _("12 hours"), _("1 day"), _("1 week"))
    return [("", _("For ever")), *((str(n), text) for n, text in zip(inviting.LASTS, words, strict=True))]
