"""Rate limits: fixed windows aligned to multiples of their length (limits_and_rules section 6), in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dassie.domain.errors import TooMany
from dassie.domain.ids import EPOCH

REMEMBERED = 50_000
HOMES = 10_000
HOME_LASTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` in each window of `seconds`."""

    name: str
    most: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How far somebody is within a limit."""

    limit: int
    remaining: int
    reset: datetime


class Limits:
    """Counts per limit and person, address or token."""

    def __init__(self, *, on: bool = True) -> None:
        self._on = on
        self._homes: dict[str, datetime] = {}
        self._counts: dict[tuple[str, str], tuple[int, int]] = {}

    def count(self, limit: Limit, who: str, now: datetime, *, amount: int = 1) -> Standing:
        """Count once more; raises `TooMany` past the limit."""
        seconds = int((now - EPOCH).total_seconds())
        window = seconds // limit.seconds
        reset = EPOCH + timedelta(seconds=(window + 1) * limit.seconds)
        key = (limit.name, who)
        at, used = self._counts.get(key, (window, 0))
        used = used + amount if at == window else amount
        if key not in self._counts and len(self._counts) >= REMEMBERED:
            self._forget(now)
        self._counts[key] = (window, used)
        if used > limit.most and self._on:
            raise TooMany(
                retry_after=max(int((reset - now).total_seconds()), 1), standing=Standing(limit.most, 0, reset)
            )
        return Standing(limit.most, max(limit.most - used, 0), reset)

    def lives_here(self, address: str, now: datetime) -> None:
        """Somebody who is signed in calls from this address."""
        if address not in self._homes and len(self._homes) >= HOMES:
            self._homes.clear()
        self._homes[address] = now

    def is_home(self, address: str, now: datetime) -> bool:
        """Whether somebody who is signed in called from this address lately: pictures are asked for without a token."""
        seen = self._homes.get(address)
        return seen is not None and now - seen < HOME_LASTS

    def _forget(self, now: datetime) -> None:
        """Drop the older half: windows are short, so little is forgiven."""
        for key in list(self._counts)[: REMEMBERED // 2]:
            del self._counts[key]


API_USER = Limit("api-user", 1500, 300)
API_TOKEN = Limit("api-token", 300, 300)
API_ANONYMOUS = Limit("api-anonymous", 300, 300)
PAGING = Limit("paging", 300, 900)
UPLOADS = Limit("uploads", 30, 1800)
DELETIONS = Limit("deletions", 30, 1800)
MEDIA_PROXY = Limit("media-proxy", 30, 600)
MEDIA_PROXY_HERE = Limit("media-proxy-here", 600, 600)
"""For addresses from which somebody who lives here reads: nothing is fetched before somebody looks, and a first look
at one's home is dozens of pictures."""
APPS = Limit("apps", 5, 600)
SIGN_UPS = Limit("sign-ups", 5, 1800)
MAIL_ADDRESS = Limit("mail-address", 25, 300)
MAIL_RECEIVER = Limit("mail-receiver", 5, 1800)
SIGN_IN_ADDRESS = Limit("sign-in-address", 25, 300)
SIGN_IN_USER = Limit("sign-in-user", 25, 3600)
PASSWORDS = Limit("passwords", 10, 600)
FOLLOWS = Limit("follows", 400, 86_400)
POSTS = Limit("posts", 300, 10_800)
TRANSLATIONS = Limit("translations", 100, 900)
REPORTS = Limit("reports", 400, 86_400)
INBOX_BAD = Limit("inbox-bad-signatures", 300, 300)
