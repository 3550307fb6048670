"""Who lives in the fleet and what is posted: all of it follows from a seed, so two runs are the same day."""

from __future__ import annotations

import random
from enum import Enum
from functools import cached_property, lru_cache
from typing import Literal

from msgspec import Struct

DOMAIN = "flood.test"
HERE = "here.test"
"""The server that is flooded."""
KEYS = 12
"""Key pairs of all actors together, since making one takes a while."""
FRIENDS_PER_HOST = 4

Via = Literal["mastodon", "litepub"]
"""Which relay brings somebody's posts."""


class Fault(Enum):
    """What is wrong with a host."""

    DEAD = "dead"  # nobody listens
    BLACK_HOLE = "black hole"  # accepts, never says a word
    SLOW = "slow"  # answers after seconds
    RESETTING = "resetting"  # cuts the connection in the middle of an answer
    LYING = "lying about length"
    BROKEN = "broken"  # 500
    WRONG_NAME = "wrong name"  # its certificate is another's


class Person(Struct, frozen=True):
    """An actor of the fleet."""

    name: str
    host: str
    key: int
    bot: bool = False

    @property
    def uri(self) -> str:
        return f"https://{self.host}/users/{self.name}"

    @property
    def key_id(self) -> str:
        return f"{self.uri}#main-key"


class Plan(Struct, frozen=True, kw_only=True, dict=True):
    """The day. Everything is asked by number: hosts, authors, friends and posts count from 0."""

    seed: int = 1
    hosts: int = 500
    authors: int = 20_000
    """Strangers, whom a relay brings."""
    posts: int = 100_000
    """Of strangers."""
    friends: int = 200
    """Whom the reader follows; all are on healthy hosts."""
    own_posts: int = 500
    """Of friends."""
    faulty: float = 0.3
    """Share of hosts with a fault."""
    litepub: float = 0.5
    """Share of authors whose posts come as a LitePub relay's Announce."""
    signed: float = 0.9
    """Share of forwarded posts with a Linked Data signature; the others are proved at their origin."""
    media: float = 0.3
    """Share of posts with pictures."""
    bots: float = 0.08
    begun: int = 0
    """Unix seconds: posts are dated in the hour before."""

    def host(self, number: int) -> str:
        return f"h{number:03}.{DOMAIN}"

    @cached_property
    def faults(self) -> dict[str, Fault]:
        """Host → what is wrong with it; the kinds are as many of each."""
        numbers = list(range(self.hosts))
        random.Random(f"{self.seed} faults").shuffle(numbers)
        kinds = list(Fault)
        chosen = numbers[: round(self.hosts * self.faulty)]
        return {self.host(number): kinds[i % len(kinds)] for i, number in enumerate(chosen)}

    @cached_property
    def healthy(self) -> list[str]:
        return [host for host in map(self.host, range(self.hosts)) if host not in self.faults]

    def author(self, number: int) -> Person:
        chance = random.Random(f"{self.seed} author {number}")
        return Person(f"a{number:05}", self.host(number % self.hosts), number % KEYS, chance.random() < self.bots)

    def via(self, author: int) -> Via:
        """All posts of somebody come by the same relay, so that what is fetched for them can be told apart."""
        return "litepub" if random.Random(f"{self.seed} via {author}").random() < self.litepub else "mastodon"

    def friend(self, number: int) -> Person:
        host = self.healthy[number // FRIENDS_PER_HOST % len(self.healthy)]
        return Person(f"f{number:03}", host, number % KEYS)

    def author_of(self, post: int) -> int:
        """Every second post goes round all authors, the others come from the busy ones."""
        if post % 2 == 0:
            return post // 2 * 7919 % self.authors
        return int(self.authors * random.Random(f"{self.seed} by {post}").random() ** 2.5)

    def uri_of(self, post: int) -> str:
        """The id of a stranger's post."""
        return _uri_of(self, post)

    def marker(self, own_post: int) -> str:
        """A word in the text of a friend's post that is nowhere else."""
        return f"own{self.seed}x{own_post:05}"


@lru_cache(maxsize=4096)
def _uri_of(plan: Plan, post: int) -> str:
    return f"{plan.author(plan.author_of(post)).uri}/statuses/{post}"
