"""Admin: announcements. What everybody here is told, until it ends or is taken back."""

from __future__ import annotations

from datetime import UTC, datetime

from dassie.domain.errors import Invalid
from dassie.services import announcing
from dassie.store import announcements
from dassie.web.admin import admin_form, admin_page, record
from dassie.web.answers import Answer, Go
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

MAY = "manage_announcements"
TIMES = ("starts_at", "ends_at")


@admin_page("/admin/announcements", MAY, section="Announcements", place=60)
async def list_announced(visit: Visit) -> Answer:
    """What was announced, and the form for a new one."""
    return await _page(visit, {}, {})


@admin_form("/admin/announcements", MAY)
async def announce(visit: Visit) -> Answer:
    """Tell everybody."""
    typed = {name: visit.params.text(name, most=100_000) or "" for name in ("text", *TIMES)}
    errors: dict[str, str] = {}
    times = {name: _time(typed[name], name, errors) for name in TIMES}
    if not errors:
        try:
            async with visit.server.write() as tx:
                id = await announcing.announce(tx, visit.server, typed["text"], **times)
                await record(tx, visit, "announcement.made", str(id))
            return Go("/admin/announcements", "announced")
        except Invalid as error:
            errors = {name: problems[0][1] for name, problems in (error.fields or {"text": [("", error.safe)]}).items()}
    return await _page(visit, typed, errors)


@admin_form("/admin/announcements/{id}/remove", MAY)
async def withdraw(visit: Visit, id: int) -> Answer:
    """Take one back."""
    async with visit.server.write() as tx:
        await announcing.withdraw(tx, visit.server, id)
        await record(tx, visit, "announcement.withdrawn", str(id))
    return Go("/admin/announcements", "withdrawn")


def _time(text: str, name: str, errors: dict[str, str]) -> datetime | None:
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC)
    except ValueError:
        errors[name] = _("This is no time. Times look like 2027-03-01T18:30.")
        return None


async def _page(visit: Visit, typed: dict[str, str], errors: dict[str, str]) -> Answer:
    async with visit.server.read() as tx:
        found = await announcements.newest(tx)
        reacted = await announcements.reactions(tx, None, [one.id for one in found])
        around = await visit.page(tx)
    return visit.html(
        "admin/announcements.html",
        around,
        http_code=422 if errors else 200,
        announced=found,
        reactions={id: sum(one.count for one in reactions) for id, reactions in reacted.items()},
        now=visit.server.clock.now(),
        typed=dict.fromkeys(("text", *TIMES), "") | typed,
        errors=errors,
    )
