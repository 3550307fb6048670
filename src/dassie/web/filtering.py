"""My filters: what I want to be warned of, or not to see."""

from __future__ import annotations

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType, field

from dassie.domain.errors import Invalid
from dassie.domain.filters import CONTEXTS, LONGEST
from dassie.domain.ids import parse_id
from dassie.door.forms import Params
from dassie.services import setting_filters
from dassie.services.setting_filters import FilterChange, KeywordChange
from dassie.store import filters, statuses
from dassie.store.filters import Keyword
from dassie.web.answers import Answer, Go, Html
from dassie.web.routing import form, page
from dassie.web.signing_in import fields_of
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

EMPTY_ROWS = 3
"""For further keywords."""
MOST_ROWS = 200
MOST_POSTS = 100
"""Single posts that are listed."""


class Row(Struct, frozen=True):
    """A keyword in the form."""

    id: int | None = None
    keyword: str = ""
    whole_word: bool = True


class Typed(Struct, frozen=True):
    """A filter in the form."""

    title: str = ""
    contexts: list[str] = field(default_factory=lambda: list(CONTEXTS[:4]))
    action: str = "warn"
    expires_at: datetime | None = None
    rows: list[Row] = field(default_factory=lambda: [Row()] * EMPTY_ROWS)


@page("/filters", signed_in=True)
async def list_filters(visit: Visit) -> Html:
    """All my filters."""
    async with visit.server.read() as tx:
        found = await filters.of(tx, visit.me.id)
        words: dict[int, list[str]] = {}
        for one in await filters.keywords(tx, visit.me.id):
            words.setdefault(one.filter_id, []).append(one.keyword)
        around = await visit.page(tx)
    return visit.html("pages/filters.html", around, filters=found, words=words, places=places())


@page("/filters/new", signed_in=True)
async def new(visit: Visit) -> Html:
    """The form for a new one."""
    return await _form(visit, None, Typed(), {})


@form("/filters/new")
async def create(visit: Visit) -> Answer:
    """A new filter."""
    try:
        async with visit.server.write() as tx:
            await setting_filters.create(tx, visit.server, visit.me, _change(visit.params), _keywords(visit.params))
    except Invalid as error:
        return await _form(visit, None, _typed(visit.params), fields_of(error, "title"))
    return Go("/filters", "filter_saved")


@page("/filters/{id}/edit", signed_in=True)
async def edit(visit: Visit, id: int) -> Html:
    """The form for one that is there."""
    async with visit.server.read() as tx:
        one = await setting_filters.find(tx, visit.me, id)
        words = await filters.keywords(tx, visit.me.id, id)
    typed = Typed(one.title, one.contexts, one.action, one.expires_at, _rows(words))
    return await _form(visit, id, typed, {})


@form("/filters/{id}/edit")
async def save(visit: Visit, id: int) -> Answer:
    """Change a filter."""
    change, keywords = _change(visit.params), _keywords(visit.params)
    try:
        async with visit.server.write() as tx:
            await setting_filters.change(tx, visit.server, visit.me, id, change, keywords)
    except Invalid as error:
        return await _form(visit, id, _typed(visit.params), fields_of(error, "title"))
    return Go("/filters", "filter_saved")


@form("/filters/{id}/delete")
async def remove(visit: Visit, id: int) -> Answer:
    """Delete a filter."""
    async with visit.server.write() as tx:
        await setting_filters.remove(tx, visit.server, visit.me, id)
    return Go("/filters", "filter_deleted")


@form("/filters/statuses/{id}/release")
async def release(visit: Visit, id: int) -> Answer:
    """Have a filter single out a post no longer."""
    async with visit.server.write() as tx:
        gone = await setting_filters.release(tx, visit.server, visit.me, id)
    return Go(f"/filters/{gone.filter_id}/edit", "filter_saved")


def places() -> list[tuple[str, str]]:
    """Where filters can work, in the reader's words."""
    words = (_("Home and lists"), _("Notifications"), _("Public timelines"), _("Threads"), _("Profiles"))
    return list(zip(CONTEXTS, words, strict=True))


def lasting() -> list[tuple[str, str]]:
    """How long a filter can work."""
    return [
        ("0", _("Without end")),
        ("1800", _("30 minutes")),
        ("3600", _("1 hour")),
        ("21600", _("6 hours")),
        ("86400", _("1 day")),
        ("604800", _("1 week")),
        ("2592000", _("30 days")),
    ]


def _change(params: Params) -> FilterChange:
    seconds: int | UnsetType = UNSET
    if params.text("expires_in") not in (None, "", "keep"):
        seconds = params.integer("expires_in", least=0, most=LONGEST) or 0
    return FilterChange(
        title=params.text("title", most=1_000) or "",
        contexts=params.texts("context", most=len(CONTEXTS)),
        action=params.text("filter_action") or "warn",
        expires_in=seconds,
    )


def _keywords(params: Params) -> list[KeywordChange]:
    """Rows whose words were taken out are removed; new ones without words are no keywords."""
    changes = []
    for row in _sent(params):
        if row.id is None and not row.keyword.strip():
            continue
        gone = not row.keyword.strip()
        changes.append(KeywordChange(id=row.id, keyword=row.keyword, whole_word=row.whole_word, remove=gone))
    return changes


def _sent(params: Params) -> list[Row]:
    return [
        Row(parse_id(one.text("id") or ""), one.text("keyword", most=10_000) or "", bool(one.flag("whole_word")))
        for one in params.children("keywords")[:MOST_ROWS]
    ]


def _typed(params: Params) -> Typed:
    contexts = params.texts("context", most=len(CONTEXTS))
    title, action = params.text("title", most=1_000) or "", params.text("filter_action") or "warn"
    return Typed(title, contexts, action, None, _sent(params))


def _rows(words: list[Keyword]) -> list[Row]:
    rows = [Row(one.id, one.keyword, one.whole_word) for one in words]
    return rows + [Row()] * EMPTY_ROWS


async def _form(visit: Visit, id: int | None, typed: Typed, errors: dict[str, str]) -> Html:
    async with visit.server.read() as tx:
        singled = await filters.singled(tx, visit.me.id, id) if id is not None else []
        known = {one.status_id: one.id for one in singled[-MOST_POSTS:]}
        posts = await statuses.show(tx, list(known), viewer=visit.viewer)
        around = await visit.page(tx)
    return visit.html(
        "pages/filter_edit.html",
        around,
        http_code=422 if errors else 200,
        id=id,
        typed=typed,
        singled=[(known[post.id], post) for post in posts],
        places=places(),
        lasting=lasting(),
        errors=errors,
    )
