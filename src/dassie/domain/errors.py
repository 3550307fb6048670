"""What can go wrong, in a small tree; each door turns it into its own answer.

`safe` is a sentence that may be shown to anyone. Details belong in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class DassieError(Exception):
    """The root. `safe` may be shown to anyone."""

    safe: str

    def __init__(self, safe: str, **details: Any) -> None:
        super().__init__(safe)
        self.safe = safe
        self.details: Mapping[str, Any] = details


class NotFound(DassieError):
    """It is not there, or the viewer may not know that it is."""

    def __init__(self, safe: str = "Record not found", **details: Any) -> None:
        super().__init__(safe, **details)


class Gone(DassieError):
    """It was here and will not come back."""

    def __init__(self, safe: str = "Gone", **details: Any) -> None:
        super().__init__(safe, **details)


class NotAuthenticated(DassieError):
    """No token, or one we do not know."""

    def __init__(self, safe: str = "The access token is invalid", **details: Any) -> None:
        super().__init__(safe, **details)


class NotAllowed(DassieError):
    """We know who asks, and the answer is no."""

    def __init__(self, safe: str = "This action is not allowed", **details: Any) -> None:
        super().__init__(safe, **details)


class BadRequest(DassieError):
    """The request itself is malformed (HTTP 400)."""


class Invalid(DassieError):
    """A value breaks a rule (HTTP 422). `fields` maps a field name to (ERR_CODE, sentence) pairs."""

    def __init__(self, safe: str, *, fields: Mapping[str, list[tuple[str, str]]] | None = None, **details: Any) -> None:
        super().__init__(safe, **details)
        self.fields = fields or {}


class Conflict(DassieError):
    """Somebody else changed it meanwhile (HTTP 409)."""


class TooLarge(DassieError):
    """More bytes than we take (HTTP 413)."""


class TooMany(DassieError):
    """A rate limit is reached (HTTP 429). `retry_after` is in seconds."""

    def __init__(self, safe: str = "Too many requests", *, retry_after: int = 60, **details: Any) -> None:
        super().__init__(safe, **details)
        self.retry_after = retry_after


class Busy(DassieError):
    """We cannot take this now (HTTP 503). `retry_after` is in seconds."""

    def __init__(self, safe: str, *, retry_after: int = 30, **details: Any) -> None:
        super().__init__(safe, **details)
        self.retry_after = retry_after


class RemoteFailed(DassieError):
    """Another server did not give what we asked for.

    `kind` is one word of `FAILURE_KINDS`; `code` is its HTTP code, where there was an answer.
    """

    def __init__(
        self, safe: str, *, kind: str, code: int | None = None, retry_after: float | None = None, **details: Any
    ) -> None:
        super().__init__(safe, **details)
        self.kind = kind
        self.code = code
        self.retry_after = retry_after


class MailRefused(DassieError):
    """The mail server does not take this letter, and will not take it later either."""


FAILURE_KINDS = frozenset(
    {
        "name",  # DNS does not know the host
        "blocked_address",  # the address is private or reserved
        "connect",  # refused or unreachable
        "tls",
        "timeout",
        "http",  # an answer with an unwelcome code
        "redirects",
        "too_large",
        "content_type",
        "malformed",  # not what it should be: bad JSON, wrong id, missing parts
        "breaker",  # the host failed often; not asked now
    }
)


class JobOutcome(Exception):
    """How a job ends when it does not simply return."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Retry(JobOutcome):
    """Put the job back. `after` seconds, or the usual growing delay when None."""

    def __init__(self, reason: str, *, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class GiveUp(JobOutcome):
    """Set the job aside where the admin sees it."""
