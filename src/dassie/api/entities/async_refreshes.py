"""Background work that an app may ask about."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypedDict

from dassie.domain.threads import RETRY_SECONDS
from dassie.store.thread_fetches import ThreadFetch


class AsyncRefresh(TypedDict):
    """How far it is."""

    id: str
    status: Literal["running", "finished"]
    result_count: int | None


class WrappedAsyncRefresh(TypedDict):
    """The same under its name."""

    async_refresh: AsyncRefresh


def show_async_refresh(fetch: ThreadFetch, now: datetime) -> AsyncRefresh:
    """The reading of a thread as a whole."""
    return {
        "id": fetch.token,
        "status": "running" if fetch.running(now) else "finished",
        "result_count": fetch.found,
    }


def refresh_header(fetch: ThreadFetch) -> tuple[str, str]:
    """What tells an app of it: by which id, and how many seconds later, to ask."""
    value = f'id="{fetch.token}", retry={RETRY_SECONDS}, result_count={fetch.found}'
    return "mastodon-async-refresh", value
