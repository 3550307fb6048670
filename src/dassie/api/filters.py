"""Filters: posts that the caller wants to be warned of, or not to see. Matched here, acted on by the app."""

from __future__ import annotations

from msgspec import UNSET, UnsetType, structs

from dassie.api.entities.filters import Filter, FilterKeyword, FilterStatus, show_filter, show_keyword, show_singled
from dassie.api.entities.shapes import Empty
from dassie.api.routing import Call, delete, get, post, put
from dassie.domain.errors import Invalid
from dassie.domain.filters import ACTIONS, CONTEXTS, LONGEST
from dassie.domain.ids import parse_id
from dassie.door import taking as take
from dassie.door.forms import Params
from dassie.services import setting_filters
from dassie.services.setting_filters import FilterChange, KeywordChange
from dassie.store import filters
from dassie.store.filters import Keyword, Singled
from dassie.store.tx import Tx

MOST_CHANGES = 1_000
CONTEXT = take.words("context", CONTEXTS, most=50)
EXPIRES_IN = take.integer("expires_in", "Seconds.", least=0, most=LONGEST)
KEYWORD = [take.text("keyword"), take.flag("whole_word")]
CHANGED = [take.text("id", "Of a keyword that is there; none: a new one."), *KEYWORD, take.flag("_destroy")]
SAID = [
    take.text("title"),
    CONTEXT,
    take.word("filter_action", ACTIONS),
    EXPIRES_IN,
    take.objects("keywords_attributes", CHANGED),
]


@get("/api/v2/filters", scope="read:filters", takes=[])
async def list_filters(call: Call) -> list[Filter]:
    """All filters with their keywords and posts, expired ones too."""
    async with call.server.read() as tx:
        found = await filters.of(tx, call.me.id)
        words = await filters.keywords(tx, call.me.id)
        posts = await filters.singled(tx, call.me.id)
    return [_show(one, words, posts) for one in found]


@post("/api/v2/filters", scope="write:filters", takes=SAID)
async def create_filter(call: Call) -> Filter:
    """A new filter with its keywords."""
    async with call.server.write() as tx:
        new = await setting_filters.create(tx, call.server, call.me, read_change(call.params), _keywords(call.params))
        return await _shown(tx, call, new)


@get("/api/v2/filters/{id}", scope="read:filters", takes=[])
async def get_filter(call: Call, id: int) -> Filter:
    """One filter."""
    async with call.server.read() as tx:
        return await _shown(tx, call, await setting_filters.find(tx, call.me, id))


@put("/api/v2/filters/{id}", scope="write:filters", takes=SAID)
async def change_filter(call: Call, id: int) -> Filter:
    """Change a filter, and add, change or remove keywords; what is not given stays."""
    async with call.server.write() as tx:
        change, keywords = read_change(call.params), _keywords(call.params)
        changed = await setting_filters.change(tx, call.server, call.me, id, change, keywords)
        return await _shown(tx, call, changed)


@delete("/api/v2/filters/{id}", scope="write:filters", takes=[])
async def remove_filter(call: Call, id: int) -> Empty:
    """Delete a filter with all that is in it."""
    async with call.server.write() as tx:
        await setting_filters.remove(tx, call.server, call.me, id)
    return {}


# Keywords --------------------------------------------------------------------------------------------


@get("/api/v2/filters/{id}/keywords", scope="read:filters", takes=[])
async def list_keywords(call: Call, id: int) -> list[FilterKeyword]:
    """The keywords of a filter."""
    async with call.server.read() as tx:
        await setting_filters.find(tx, call.me, id)
        return [show_keyword(one) for one in await filters.keywords(tx, call.me.id, id)]


@post("/api/v2/filters/{id}/keywords", scope="write:filters", takes=KEYWORD)
async def add_keyword(call: Call, id: int) -> FilterKeyword:
    """Add a keyword; as a whole word where nothing else is said."""
    text, whole = call.params.text("keyword") or "", call.params.flag("whole_word")
    async with call.server.write() as tx:
        return show_keyword(await setting_filters.add_keyword(tx, call.server, call.me, id, text, whole))


@get("/api/v2/filters/keywords/{id}", scope="read:filters", takes=[])
async def get_keyword(call: Call, id: int) -> FilterKeyword:
    """One keyword."""
    async with call.server.read() as tx:
        return show_keyword(await setting_filters.find_keyword(tx, call.me, id))


@put("/api/v2/filters/keywords/{id}", scope="write:filters", takes=KEYWORD)
async def change_keyword(call: Call, id: int) -> FilterKeyword:
    """Say a keyword differently."""
    text, whole = call.params.text("keyword"), call.params.flag("whole_word")
    async with call.server.write() as tx:
        return show_keyword(await setting_filters.change_keyword(tx, call.server, call.me, id, text, whole))


@delete("/api/v2/filters/keywords/{id}", scope="write:filters", takes=[])
async def remove_keyword(call: Call, id: int) -> Empty:
    """Take a keyword away."""
    async with call.server.write() as tx:
        await setting_filters.remove_keyword(tx, call.server, call.me, id)
    return {}


# Posts -----------------------------------------------------------------------------------------------


@get("/api/v2/filters/{id}/statuses", scope="read:filters", takes=[])
async def list_singled(call: Call, id: int) -> list[FilterStatus]:
    """The posts that a filter singles out."""
    async with call.server.read() as tx:
        await setting_filters.find(tx, call.me, id)
        return [show_singled(one) for one in await filters.singled(tx, call.me.id, id)]


@post("/api/v2/filters/{id}/statuses", scope="write:filters", takes=[take.id("status_id", required=True)])
async def single(call: Call, id: int) -> FilterStatus:
    """Single out a post that the caller can see."""
    status_id = call.params.id("status_id")
    if status_id is None:
        raise Invalid("Validation failed: Status must exist")
    async with call.server.write() as tx:
        return show_singled(await setting_filters.single(tx, call.server, call.me, id, status_id))


@get("/api/v2/filters/statuses/{id}", scope="read:filters", takes=[])
async def get_singled(call: Call, id: int) -> FilterStatus:
    """One post that is singled out, by the id of that."""
    async with call.server.read() as tx:
        return show_singled(await setting_filters.find_singled(tx, call.me, id))


@delete("/api/v2/filters/statuses/{id}", scope="write:filters", takes=[])
async def release(call: Call, id: int) -> FilterStatus:
    """Single it out no longer."""
    async with call.server.write() as tx:
        return show_singled(await setting_filters.release(tx, call.server, call.me, id))


# Reading and showing ---------------------------------------------------------------------------------


def read_change(params: Params) -> FilterChange:
    """What a request says about a filter."""
    change = read_where_and_when(params)
    title: str | UnsetType = params.text("title") or "" if "title" in params else UNSET
    return structs.replace(change, title=title, action=params.text("filter_action") or UNSET)


def read_where_and_when(params: Params) -> FilterChange:
    """The part that both versions call by the same names."""
    return FilterChange(
        contexts=params.texts("context", most=50) if "context" in params else UNSET,
        expires_in=params.integer("expires_in", least=0, most=LONGEST) if "expires_in" in params else UNSET,
    )


def _keywords(params: Params) -> list[KeywordChange]:
    sent = params.children("keywords_attributes")
    if len(sent) > MOST_CHANGES:
        raise Invalid(f"Validation failed: keywords_attributes takes at most {MOST_CHANGES} values")
    return [_keyword(one) for one in sent]


def _keyword(params: Params) -> KeywordChange:
    sent = params.text("id")
    return KeywordChange(
        # An id that cannot be one is not taken for a new keyword.
        id=(parse_id(sent) or -1) if sent else None,
        keyword=params.text("keyword"),
        whole_word=params.flag("whole_word"),
        remove=bool(params.flag("_destroy")),
    )


async def _shown(tx: Tx, call: Call, one: filters.Filter) -> Filter:
    words = await filters.keywords(tx, call.me.id, one.id)
    return show_filter(one, words, await filters.singled(tx, call.me.id, one.id))


def _show(one: filters.Filter, words: list[Keyword], posts: list[Singled]) -> Filter:
    mine = [word for word in words if word.filter_id == one.id]
    return show_filter(one, mine, [found for found in posts if found.filter_id == one.id])
