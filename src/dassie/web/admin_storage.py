"""Admin: storage. What takes room, how it grows, and how much may be taken; what would go is shown before it goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dassie.domain.errors import Invalid
from dassie.domain.jobs import FreeRoom
from dassie.domain.sizes import show_size
from dassie.domain.storage import FILES, LABELS, OWN, StorageSettings
from dassie.services import limiting_storage, making_room, measuring_storage
from dassie.services.keeping_room import judge_report
from dassie.services.making_room import Gone, Need
from dassie.services.measuring_storage import Report
from dassie.store import queue
from dassie.store.room import Level
from dassie.web import charts
from dassie.web.admin import admin_form, admin_page, record
from dassie.web.answers import Answer, Go
from dassie.web.charts import Chart
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

MAY = "manage_settings"
PREVIEWED = 20_000
"""So many things are looked at for a preview; where it is more, the page says `at least`."""
FREED = "2 GB"
CHART_DAYS = 30
SOON = timedelta(days=366)
"""Nobody needs to know of a later day of overflow."""
MB = 1_000_000


@admin_page("/admin/storage", MAY, section="Storage", place=20)
async def storage(visit: Visit) -> Answer:
    """What is stored by kind and host, how it grows, when it will be full, and the form to change the limits."""
    found = await measuring_storage.report(visit.server)
    return await _page(visit, found, typed=_shown(found), errors={})


@admin_form("/admin/storage", MAY)
async def change_storage(visit: Visit) -> Answer:
    """Set budget and floor; an empty field is as configured. Running servers see it within seconds."""
    try:
        wanted = _wanted(visit)
        async with visit.server.write() as tx:
            after = await limiting_storage.change(tx, budget=wanted.budget, floor=wanted.floor)
            await record(tx, visit, "storage.limits_changed", budget=after.budget, floor=after.floor)
    except Invalid as error:
        return await _refused(visit, error)
    return Go("/admin/storage", "saved")


@admin_page("/admin/storage/preview", MAY)
async def preview_storage(visit: Visit) -> Answer:
    """What these limits would remove, before they are saved."""
    try:
        wanted = _wanted(visit)
        gone = await limiting_storage.preview(visit.server, wanted, most=PREVIEWED)
    except Invalid as error:
        return await _refused(visit, error)
    disk = await measuring_storage.disk_of(visit.server)
    held = measuring_storage.limits_of(visit.server, wanted, disk)
    async with visit.server.read() as tx:
        around = await visit.page(tx)
    return visit.html("admin/storage_preview.html", around, held=held, typed=_typed(visit), **_gone(gone))


@admin_page("/admin/storage/free", MAY)
async def preview_free(visit: Visit) -> Answer:
    """What would go to free so much, before it goes."""
    size = _size(visit)
    gone = await making_room.preview(visit.server, Need(size), most=PREVIEWED)
    async with visit.server.read() as tx:
        around = await visit.page(tx)
    return visit.html("admin/storage_free.html", around, size=size, **_gone(gone))


@admin_form("/admin/storage/free", MAY)
async def free_storage(visit: Visit) -> Answer:
    """Have so much removed by a job."""
    size = _size(visit)
    async with visit.server.write() as tx:
        await queue.enqueue(tx, FreeRoom(size), unique="free")
        await record(tx, visit, "storage.freed", bytes=size)
    return Go("/admin/storage", "freeing")


async def _page(visit: Visit, found: Report, *, typed: dict[str, str], errors: dict[str, str]) -> Answer:
    level, why = judge_report(found)
    async with visit.server.read() as tx:
        days = await measuring_storage.days(tx, CHART_DAYS)
        around = await visit.page(tx)
    return visit.html(
        "admin/storage.html",
        around,
        http_code=422 if errors else 200,
        report=found,
        labels=labels(),
        waits=level < Level.PLENTY,
        at_risk=level <= Level.FLOOR,
        why=why,
        soon=found.full_on is not None and found.full_on - found.at < SOON,
        chart=chart(days),
        typed=typed,
        errors=errors,
        freed=FREED,
    )


def labels() -> dict[str, str]:
    """What the kinds are called, in the language of the page."""
    return {kind: _(label) for kind, label in LABELS.items()}


def chart(days: list[tuple[str, dict[str, int]]]) -> Chart | None:
    """What was used each day in megabytes; None where there is only one day."""
    if len(days) < 2:
        return None
    names = [_("Files of people here"), _("Files of others"), _("Database")]
    points = [
        (
            day,
            [round(part / MB) for part in (of.get(OWN, 0), sum(of.get(kind, 0) for kind in FILES), of["database"])],
        )
        for day, of in days
    ]
    first, last = sum(points[0][1]), sum(points[-1][1])
    said = _("From %(first)s to %(last)s in %(days)s days.")
    summary = said % {"first": show_size(first * MB), "last": show_size(last * MB), "days": len(days) - 1}
    return charts.stacked(_("Used by day, in megabytes"), summary, _("Day (UTC)"), names, points)


async def _refused(visit: Visit, error: Invalid) -> Answer:
    found = await measuring_storage.report(visit.server)
    typed = _typed(visit)
    wrong = next((name for name, text in typed.items() if text and not _is_size(text)), None)
    name = wrong or ("floor" if "floor" in error.safe.lower() else "budget")
    return await _page(visit, found, typed=typed, errors={name: error.safe})


def _is_size(text: str) -> bool:
    try:
        limiting_storage.size(text)
    except Invalid:
        return False
    return True


def _typed(visit: Visit) -> dict[str, str]:
    return {name: (visit.params.text(name, most=40) or "").strip() for name in ("budget", "floor")}


def _wanted(visit: Visit) -> StorageSettings:
    given = {name: limiting_storage.size(text) for name, text in _typed(visit).items() if text}
    return StorageSettings(**given)


def _size(visit: Visit) -> int:
    return limiting_storage.size(visit.params.text("size", most=40) or FREED)


def _shown(found: Report) -> dict[str, str]:
    """What the fields hold: empty where nothing was changed."""
    changed = {"budget": found.changed.budget, "floor": found.changed.floor}
    return {name: show_size(value) if value is not None else "" for name, value in changed.items()}


def _gone(gone: Gone) -> dict[str, Any]:
    named = labels()
    return {
        "gone": gone,
        "kinds": [(named[kind], number, size) for kind, (number, size) in sorted(gone.kinds.items())],
        "hosts": gone.biggest_hosts(),
    }
