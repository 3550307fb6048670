"""Small worlds to be invented by hypothesis: who lives there, what stands between them, and what they wrote."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

HERE = ("ana", "ben", "cyn")
ELSEWHERE = {"dan": "else.test", "eve": "else.test", "fay": "far.test"}
PEOPLE = (*HERE, *ELSEWHERE)
VISIBILITIES = ("public", "unlisted", "private", "direct")
Pair = tuple[str, str]


@dataclass(frozen=True)
class Post:
    """Something written. A reblog has nothing of its own but author and visibility."""

    author: str
    visibility: str
    mentions: frozenset[str] = frozenset()
    reply_to: int | None = None
    """Which of the posts before."""
    reblog_of: int | None = None
    poll: bool = False
    media: bool = False
    pinned: bool = False
    deleted: bool = False


@dataclass(frozen=True)
class Scene:
    """People, what stands between them, and their posts, oldest first."""

    follows: frozenset[Pair] = frozenset()
    blocks: frozenset[Pair] = frozenset()
    mutes: frozenset[Pair] = frozenset()
    domain_blocks: frozenset[Pair] = frozenset()
    """(somebody here, the domain)"""
    limited: frozenset[str] = frozenset()
    suspended: frozenset[str] = frozenset()
    secretive: frozenset[str] = frozenset()
    """Who hide whom they follow and who follows them."""
    indexable: frozenset[str] = frozenset()
    posts: tuple[Post, ...] = ()
    favourites: frozenset[tuple[str, int]] = frozenset()
    bookmarks: frozenset[tuple[str, int]] = frozenset()
    listed: frozenset[Pair] = frozenset()
    """(somebody here, who is in their list), as far as they follow them."""
    late: bool = False
    """Blocks, mutes and the acts of moderators come after the posts, not before."""

    def undeleted(self) -> Scene:
        """The same before anything was deleted, or anybody suspended."""
        return replace(self, posts=tuple(replace(post, deleted=False) for post in self.posts), suspended=frozenset())


def domain(name: str) -> str:
    return ELSEWHERE.get(name, "")


def _some(values: Any, most: int) -> Any:
    return st.frozensets(st.sampled_from(list(values)), max_size=most)


PAIRS = [(one, other) for one in PEOPLE for other in PEOPLE if one != other and (one in HERE or other in HERE)]
MUTES = [(one, other) for one in HERE for other in PEOPLE if one != other]
DOMAINS = [(one, domain) for one in HERE for domain in ("else.test", "far.test")]


@st.composite
def posts(draw: st.DrawFn) -> tuple[Post, ...]:
    """Up to nine posts, each of which may answer or boost one before it."""
    made: list[Post] = []
    boosted: set[tuple[str, int]] = set()
    for at in range(draw(st.integers(3, 9))):
        author = draw(st.sampled_from(PEOPLE))
        kind = draw(st.sampled_from(("post", "post", "reply", "reply", "boost"))) if at else "post"
        before = draw(st.integers(0, at - 1)) if at else 0
        proper = made[before] if made else None
        if kind == "boost" and proper is not None and proper.reblog_of is None and (author, before) not in boosted:
            open_ = proper.visibility in ("public", "unlisted")
            if open_ or (proper.visibility == "private" and proper.author == author):
                boosted.add((author, before))
                visibility = draw(st.sampled_from(("public", "unlisted", "private"))) if open_ else "private"
                made.append(Post(author, visibility, reblog_of=before))
                continue
        parent = before if kind == "reply" and proper is not None and proper.reblog_of is None else None
        made.append(
            Post(
                author,
                draw(st.sampled_from(VISIBILITIES)),
                mentions=draw(_some([name for name in PEOPLE if name != author], 2)),
                reply_to=parent,
                poll=draw(st.booleans()),
                media=draw(st.booleans()),
                pinned=draw(st.booleans()),
                deleted=draw(st.integers(0, 7)) == 7,
            )
        )
    return tuple(made)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """A scene with its posts, and marks that people here made on them."""
    written = draw(posts())
    marks = [(who, at) for who in HERE for at, post in enumerate(written) if post.reblog_of is None]
    return Scene(
        follows=draw(_some(PAIRS, 14)),
        blocks=draw(_some(PAIRS, 3)),
        mutes=draw(_some(MUTES, 2)),
        domain_blocks=draw(_some(DOMAINS, 1)),
        limited=draw(_some(("cyn", *ELSEWHERE), 1)),
        suspended=draw(_some(("cyn", *ELSEWHERE), 1)),
        secretive=draw(_some(PEOPLE, 2)),
        indexable=draw(_some(PEOPLE, 6)),
        posts=written,
        favourites=draw(_some(marks, 4)) if marks else frozenset(),
        bookmarks=draw(_some(marks, 4)) if marks else frozenset(),
        listed=draw(_some(MUTES, 6)),
        late=draw(st.booleans()),
    )
