"""Setting up filters: what a person may say in them, and how much (limits_and_rules section 17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import UNSET, Struct, UnsetType

from dassie.domain.errors import Invalid, NotFound
from dassie.domain.filters import (
    ACTIONS,
    CONTEXTS,
    LONGEST,
    MAX_KEYWORD,
    MAX_TITLE,
    MOST_FILTERS,
    MOST_KEYWORDS,
    MOST_STATUSES,
)
from dassie.domain.ids import StatusId, new_id
from dassie.ports import Event
from dassie.server import Server
from dassie.store import filters, statuses
from dassie.store.filters import Filter, Keyword, Singled
from dassie.store.tx import Tx
from dassie.store.views import AccountView


class FilterChange(Struct, frozen=True, kw_only=True):
    """What is to be set of a filter; what is UNSET stays."""

    title: str | UnsetType = UNSET
    contexts: list[str] | UnsetType = UNSET
    action: str | UnsetType = UNSET
    expires_in: int | UnsetType | None = UNSET
    """Seconds from now; None or 0: without end."""


class KeywordChange(Struct, frozen=True, kw_only=True):
    """A keyword to add or, by its id, to change or remove; what is None stays."""

    id: int | None = None
    keyword: str | None = None
    whole_word: bool | None = None
    remove: bool = False


async def create(
    tx: Tx, server: Server, me: AccountView, change: FilterChange, keywords: Sequence[KeywordChange] = ()
) -> Filter:
    """A new filter with its keywords."""
    if len(await filters.of(tx, me.id)) >= MOST_FILTERS:
        raise Invalid(f"Validation failed: You cannot have more than {MOST_FILTERS} filters")
    contexts = change.contexts or []
    new = Filter(
        id=new_id(tx.now),
        account_id=me.id,
        title=_title(change.title or ""),
        contexts=_contexts(contexts),
        action=_action(change.action or "warn"),
        expires_at=_end(tx, change.expires_in or None),
    )
    await filters.add(tx, new)
    await _change_keywords(tx, me, new, keywords)
    await _changed(tx, server, me)
    return new


async def change(
    tx: Tx, server: Server, me: AccountView, id: int, change: FilterChange, keywords: Sequence[KeywordChange] = ()
) -> Filter:
    """Change a filter and keywords of it; raises `NotFound` where it, or a keyword named, is not there."""
    known = await find(tx, me, id)
    values: dict[str, object] = {}
    if not isinstance(change.title, UnsetType):
        values["title"] = _title(change.title)
    if not isinstance(change.contexts, UnsetType):
        values["contexts"] = _contexts(change.contexts)
    if not isinstance(change.action, UnsetType):
        values["action"] = _action(change.action)
    if not isinstance(change.expires_in, UnsetType):
        values["expires_at"] = _end(tx, change.expires_in)
    await filters.change(tx, id, **values)
    await _change_keywords(tx, me, known, keywords)
    await _changed(tx, server, me)
    return await find(tx, me, id)


async def remove(tx: Tx, server: Server, me: AccountView, id: int) -> None:
    """Delete a filter; raises `NotFound` where there is none."""
    if not await filters.remove(tx, me.id, id):
        raise NotFound
    await _changed(tx, server, me)


async def find(tx: Tx, me: AccountView, id: int) -> Filter:
    """A filter of mine; raises `NotFound`."""
    found = await filters.find(tx, me.id, id)
    if found is None:
        raise NotFound
    return found


# Keywords --------------------------------------------------------------------------------------------


async def find_keyword(tx: Tx, me: AccountView, id: int) -> Keyword:
    """A keyword of mine; raises `NotFound`."""
    found = await filters.keyword(tx, me.id, id)
    if found is None:
        raise NotFound
    return found


async def add_keyword(
    tx: Tx, server: Server, me: AccountView, filter_id: int, text: str, whole_word: bool | None
) -> Keyword:
    """Add a keyword to a filter of mine."""
    known = await find(tx, me, filter_id)
    new = await _add_keyword(tx, me, known, KeywordChange(keyword=text, whole_word=whole_word))
    await _changed(tx, server, me)
    return new


async def change_keyword(
    tx: Tx, server: Server, me: AccountView, id: int, text: str | None, whole_word: bool | None
) -> Keyword:
    """Say a keyword of mine differently."""
    new = await _set_keyword(tx, await find_keyword(tx, me, id), text, whole_word)
    await _changed(tx, server, me)
    return new


async def remove_keyword(tx: Tx, server: Server, me: AccountView, id: int) -> Keyword:
    """Take a keyword of mine out of its filter."""
    known = await find_keyword(tx, me, id)
    await filters.remove_keywords(tx, [id])
    await _changed(tx, server, me)
    return known


async def _change_keywords(tx: Tx, me: AccountView, one: Filter, changes: Sequence[KeywordChange]) -> None:
    if not changes:
        return
    known = {found.id: found for found in await filters.keywords(tx, me.id, one.id)}
    for change in changes:
        if change.id is None:
            if not change.remove and (change.keyword or change.whole_word is not None):
                await _add_keyword(tx, me, one, change)
        elif change.id not in known:
            raise NotFound
        elif change.remove:
            await filters.remove_keywords(tx, [change.id])
        else:
            await _set_keyword(tx, known[change.id], change.keyword, change.whole_word)


async def _add_keyword(tx: Tx, me: AccountView, one: Filter, change: KeywordChange) -> Keyword:
    if await filters.keyword_count(tx, me.id) >= MOST_KEYWORDS:
        raise Invalid(f"Validation failed: You cannot have more than {MOST_KEYWORDS} keywords")
    whole_word = change.whole_word if change.whole_word is not None else True
    new = Keyword(new_id(tx.now), one.id, _keyword(change.keyword or ""), whole_word)
    await filters.add_keyword(tx, new)
    return new


async def _set_keyword(tx: Tx, known: Keyword, text: str | None, whole_word: bool | None) -> Keyword:
    new = Keyword(
        known.id,
        known.filter_id,
        _keyword(text) if text is not None else known.keyword,
        whole_word if whole_word is not None else known.whole_word,
    )
    await filters.change_keyword(tx, new.id, new.keyword, new.whole_word)
    return new


# Posts -----------------------------------------------------------------------------------------------


async def find_singled(tx: Tx, me: AccountView, id: int) -> Singled:
    """A post that a filter of mine singles out, by the id of that; raises `NotFound`."""
    found = await filters.singled_one(tx, me.id, id)
    if found is None:
        raise NotFound
    return found


async def single(tx: Tx, server: Server, me: AccountView, filter_id: int, status_id: int) -> Singled:
    """Have a filter of mine single out a post that I may see."""
    known = await find(tx, me, filter_id)
    if not await statuses.visible(tx, [status_id], viewer=me.id):
        raise Invalid("Validation failed: Status must exist")
    if await filters.singled_count(tx, me.id) >= MOST_STATUSES:
        raise Invalid(f"Validation failed: You cannot single out more than {MOST_STATUSES} posts")
    new = Singled(new_id(tx.now), known.id, StatusId(status_id))
    if not await filters.single(tx, new):
        raise Invalid("Validation failed: Status has already been taken")
    await _changed(tx, server, me)
    return new


async def release(tx: Tx, server: Server, me: AccountView, id: int) -> Singled:
    """Single the post out no longer."""
    known = await find_singled(tx, me, id)
    await filters.release(tx, id)
    await _changed(tx, server, me)
    return known


# Version 1 -------------------------------------------------------------------------------------------


async def create_old(
    tx: Tx, server: Server, me: AccountView, change: FilterChange, whole_word: bool | None
) -> tuple[Filter, Keyword]:
    """A filter of one keyword, which is its title too: all that apps of before 4.0 know."""
    phrase = change.title if isinstance(change.title, str) else ""
    if not phrase.strip():
        raise Invalid("Validation failed: Phrase can't be blank")
    new = await create(tx, server, me, change)
    keyword = await _add_keyword(tx, me, new, KeywordChange(keyword=phrase, whole_word=whole_word))
    return new, keyword


async def change_old(
    tx: Tx, server: Server, me: AccountView, id: int, change_: FilterChange, whole_word: bool | None
) -> tuple[Filter, Keyword]:
    """Change a keyword and its filter; raises `Invalid` where that would touch other keywords of the filter."""
    known = await find_keyword(tx, me, id)
    before = await find(tx, me, known.filter_id)
    phrase = change_.title if isinstance(change_.title, str) else None
    keyword = await _set_keyword(tx, known, phrase, whole_word)
    after = await change(tx, server, me, before.id, change_)
    if after != before and len(await filters.keywords(tx, me.id, before.id)) > 1:
        raise Invalid(
            "This would touch other keywords of the same filter. A newer app can do it, and so can the web pages."
        )
    return after, keyword


async def remove_old(tx: Tx, server: Server, me: AccountView, id: int) -> None:
    """Delete a keyword, and its filter where nothing is left of it: such apps could not."""
    known = await remove_keyword(tx, server, me, id)
    left = await filters.keywords(tx, me.id, known.filter_id) or await filters.singled(tx, me.id, known.filter_id)
    if not left:
        await filters.remove(tx, me.id, known.filter_id)


# Rules -----------------------------------------------------------------------------------------------


async def _changed(tx: Tx, server: Server, me: AccountView) -> None:
    await filters.changed(tx, me.id)
    server.tell(tx, [f"user:{me.id}"], Event("filters_changed", me.id))


def _title(text: str) -> str:
    return _worded(text, "Title", MAX_TITLE)


def _keyword(text: str) -> str:
    return _worded(text, "Keyword", MAX_KEYWORD)


def _worded(text: str, what: str, most: int) -> str:
    if not text.strip():
        raise Invalid(f"Validation failed: {what} can't be blank")
    if len(text) > most:
        raise Invalid(f"Validation failed: {what} is too long (maximum is {most} characters)")
    return text


def _contexts(names: Sequence[str]) -> list[str]:
    wanted = [name.strip() for name in names if name.strip()]
    if not wanted or any(name not in CONTEXTS for name in wanted):
        raise Invalid("Validation failed: Context None or invalid context supplied")
    return list(dict.fromkeys(wanted))


def _action(name: str) -> str:
    if name not in ACTIONS:
        raise Invalid(f"'{name[:40]}' is not a valid action")
    return name


def _end(tx: Tx, seconds: int | UnsetType | None) -> datetime | None:
    if isinstance(seconds, UnsetType) or not seconds:
        return None
    if not 0 < seconds <= LONGEST:
        raise Invalid(f"Validation failed: expires_in must be from 0 to {LONGEST}")
    return tx.now + timedelta(seconds=seconds)
