"""What a person's filters find in posts. Made ready once for each revision of the filters, and asked for every post.

What is found in a revision of a post is kept too: reading a page again costs a look-up for each post.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from msgspec import Struct, structs

from dassie.domain.filters import Keyword, Searched, first_match, keyword
from dassie.domain.html import to_text
from dassie.domain.ids import AccountId
from dassie.domain.latest import Latest
from dassie.store import filters
from dassie.store.filters import Filter
from dassie.store.tx import Tx
from dassie.store.views import StatusView

KEPT_PEOPLE = 200
KEPT_FOUND = 10_000


class Match(Struct, frozen=True):
    """A filter, and what it found."""

    filter: Filter
    keyword: str | None
    """The first of its keywords that was found, as it stands in the post."""
    status_ids: list[int]
    """Of the post and what it boosts, those that the filter singles out."""


class Subject(Struct, frozen=True):
    """A post that filters look at; one it boosts is looked at in its place."""

    ids: tuple[int, ...]
    """Of the post and, for a boost, of what it boosts; the last one is that of the text."""
    rev: int
    """Of the post with the text."""


class Filters:
    """The filters of one person, ready for use."""

    def __init__(self, found: Sequence[tuple[Filter, Sequence[Keyword], frozenset[int]]]) -> None:
        self._filters = found

    def any(self, now: datetime) -> bool:
        """Whether any of them works now."""
        return any(not one.expired(now) for one, _, _ in self._filters)

    def matches(self, ids: Iterable[int], text: Callable[[], str]) -> tuple[Match, ...]:
        """What they find, those that expired too: `in_force` leaves them out at the time of reading."""
        out = []
        searched: Searched | None = None
        for one, keywords, singled in self._filters:
            chosen = [id for id in ids if id in singled]
            word = None
            if keywords:
                searched = searched or Searched(text())
                word = first_match(keywords, searched)
            if word is not None or chosen:
                out.append(Match(one, word, chosen))
        return tuple(out)


# By viewer, revision of their filters, and the address of the server: tests have several servers.
_PEOPLE: Latest[tuple[int, int, str], Filters] = Latest(KEPT_PEOPLE)
_FOUND: Latest[tuple[int, int, str, tuple[int, ...], int], tuple[Match, ...]] = Latest(KEPT_FOUND)


class Reader:
    """Somebody who reads, with their filters."""

    def __init__(self, key: tuple[int, int, str], ready: Filters, now: datetime) -> None:
        self._key = key
        self._ready = ready
        self._now = now
        self.active = ready.any(now)

    def find(self, subject: Subject, text: Callable[[], str]) -> tuple[Match, ...]:
        """What the filters that work now find; `text` gives the words of the post where they are needed."""
        if not self.active:
            return ()
        key = (*self._key, subject.ids, subject.rev)
        found = _FOUND.get(key)
        if found is None:
            found = _FOUND.put(key, self._ready.matches(subject.ids, text))
        if not found:
            return found
        return tuple(one for one in found if not one.filter.expired(self._now))


async def reader(tx: Tx, viewer: int, base: str, rev: int | None = None) -> Reader | None:
    """The filters of a person; None where there never were any. `rev`: their revision, where it is known already."""
    if rev is None:
        rev = await filters.revision(tx, viewer)
    if not rev:
        return None
    key = (viewer, rev, base)
    ready = _PEOPLE.get(key)
    if ready is None:
        ready = _PEOPLE.put(key, await _prepare(tx, viewer))
    return Reader(key, ready, tx.now)


async def _prepare(tx: Tx, viewer: int) -> Filters:
    words: dict[int, list[Keyword]] = {}
    for one in await filters.keywords(tx, viewer):
        words.setdefault(one.filter_id, []).append(keyword(one.keyword, one.whole_word))
    singled: dict[int, set[int]] = {}
    for post in await filters.singled(tx, viewer):
        singled.setdefault(post.filter_id, set()).add(post.status_id)
    found = await filters.of(tx, viewer)
    return Filters([(one, words.get(one.id, []), frozenset(singled.get(one.id, ()))) for one in found])


async def screen(
    tx: Tx, shown: Sequence[StatusView], *, viewer: AccountId | None, base: str, context: str, hiding: bool = True
) -> list[StatusView]:
    """The posts as the viewer's filters for this place want them: without those to hide, the others marked.

    One's own posts are as they are. Without `hiding`, what is to be hidden is warned of.
    """
    asked = await reader(tx, viewer, base) if viewer is not None and shown else None
    if asked is None or not asked.active:
        return list(shown)
    out = []
    for view in shown:
        matches = [] if view.proper.account.id == viewer else _found(asked, view, context)
        actions = {one.filter.action for one in matches}
        if "hide" in actions and hiding:
            continue
        out.append(_marked(view, matches) if matches else view)
    return out


def _found(asked: Reader, view: StatusView, context: str) -> list[Match]:
    proper = view.proper

    def text() -> str:
        options = tuple(option.title for option in proper.poll.options) if proper.poll is not None else ()
        described = tuple(media.description or "" for media in proper.media)
        return words_of(proper.row.content, proper.row.spoiler_text, options, described)

    ids: tuple[int, ...] = (view.id,) if view.reblog is None else (view.id, proper.id)
    matches = asked.find(Subject(ids, proper.row.rev), text)
    return [one for one in matches if context in one.filter.contexts]


def _marked(view: StatusView, matches: Sequence[Match]) -> StatusView:
    titles = [one.filter.title for one in matches if one.filter.action != "blur"]
    blurred = any(one.filter.action == "blur" for one in matches)
    original = structs.replace(view.reblog, blurred=blurred) if view.reblog is not None else None
    return structs.replace(view, filtered=titles, blurred=blurred, reblog=original)


def words_of(content: str, spoiler: str, options: tuple[str, ...], described: tuple[str, ...]) -> str:
    """What keywords are looked for in: warning, text, answers of a poll, and descriptions of media."""
    return "\n\n".join(part for part in (spoiler, to_text(content), *options, *described) if part)
