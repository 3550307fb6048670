"""Mastodon.py with its eyes open: it turns what it gets into the types it expects, in silence, so every answer is
compared here as it came with the types that Mastodon.py declares for it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

import dateutil.parser  # type: ignore[import-untyped]
from mastodon import Mastodon
from mastodon.types_base import AttribAccessDict, MaybeSnowflakeIdType
from requests import Response, Session

from client_server import Person, Served

NOT_SENT = (
    "Status.application.Application.",  # there an app is only a name and a site
    "/api/v1/instance/.Instance.configuration.",  # version 1 stopped growing at 4.0
    "FilterResult.filter.FilterV2.",  # keywords and posts only stand in answers about filters
)
"""Declared as always there, but absent from Mastodon's own answers (mastodon_entities.json)."""
NUMBERS_AS_TEXT = ("Activity",)
"""Declared with numbers, but Mastodon sends them as texts."""


class StrictMastodon(Mastodon):
    """Collects in `complaints` what is not as declared."""

    def __init__(self, served: Served, token: str | None = None, **more: Any) -> None:
        self.complaints: list[str] = []
        self._raw: Any = None
        session = trusting_session(served)
        session.hooks["response"].append(self._keep)
        super().__init__(
            access_token=token, api_base_url=served.base, session=session, ratelimit_method="throw", **more
        )

    def expect(self, words: str) -> None:
        """The only complaint was this one, and it is as it should be."""
        assert len(self.complaints) == 1
        assert self.complaints.pop().endswith(words)

    def _keep(self, response: Response, **_: Any) -> None:
        kind = response.headers.get("content-type", "")
        self._raw = response.json() if kind.startswith("application/json") else None

    def _Mastodon__api_request(self, *args: Any, **kwargs: Any) -> Any:
        self._raw = None
        if kwargs.get("override_type") is None:
            # Mastodon.py takes the type from the annotation of its own caller, which stands behind us here
            caller = getattr(self, sys._getframe(1).f_code.co_name, None)
            kwargs["override_type"] = getattr(caller, "__annotations__", {}).get("return") or AttribAccessDict
        given = super()._Mastodon__api_request(*args, **kwargs)  # type: ignore[misc]
        self.complaints += compare(self._raw, given, str(args[1]))
        return given


def client(served: Served, person: Person) -> StrictMastodon:
    """A client of somebody who has a token already."""
    return StrictMastodon(served, person.token)


def trusting_session(served: Served) -> Any:
    """A session that trusts the server's certificate."""
    session = Session()
    session.trust_env = False  # the environment may name other certificates and proxies
    session.verify = str(served.ca.bundle)
    return session


def compare(raw: Any, given: Any, path: str) -> list[str]:
    """What differs between an answer and the types of what Mastodon.py made of it."""
    if isinstance(given, AttribAccessDict) and isinstance(raw, dict):
        if type(given) is not AttribAccessDict:
            return _entity(raw, type(given), path)
        return [words for name, value in raw.items() for words in compare(value, given.get(name), f"{path}.{name}")]
    if isinstance(given, list) and isinstance(raw, list):
        pairs = zip(raw, given, strict=True)
        return [words for i, (one, made) in enumerate(pairs) for words in compare(one, made, f"{path}[{i}]")]
    return []


def _entity(raw: dict[str, Any], kind: Any, path: str) -> list[str]:
    names: dict[str, str] = getattr(kind, "_rename_map", {})
    found = []
    if kind.__name__ in NUMBERS_AS_TEXT:
        return [f"{path}.{name} is {value!r}" for name, value in raw.items() if not str(value).isdigit()]
    for name, hint in get_type_hints(kind).items():
        sent = names.get(name, name)
        where = f"{path}.{kind.__name__}.{sent}"
        if name.startswith("_"):
            continue
        if sent not in raw:
            if type(None) not in get_args(hint) and not any(known in where for known in NOT_SENT):
                found.append(f"{where} is missing")
            continue
        found += _value(raw[sent], hint, where)
    return found


def _value(raw: Any, hint: Any, path: str) -> list[str]:
    choices = get_args(hint) if get_origin(hint) is Union else (hint,)
    if raw is None:
        return [] if type(None) in choices else [f"{path} is null"]
    tries = [_fits(raw, choice, path) for choice in choices if choice is not type(None)]
    return min(tries, key=len)


def _fits(raw: Any, kind: Any, path: str) -> list[str]:
    element = get_args(kind)
    base = get_origin(kind) or kind
    wrong = [f"{path} is {raw!r}, not {getattr(base, '__name__', base)}"]
    if isinstance(base, type) and issubclass(base, AttribAccessDict):
        return _entity(raw, base, path) if isinstance(raw, dict) else wrong
    if isinstance(base, type) and issubclass(base, list):
        if not isinstance(raw, list):
            return wrong
        return [
            words for i, one in enumerate(raw) for words in (_value(one, element[0], f"{path}[{i}]") if element else [])
        ]
    if base is datetime:
        return [] if _is_time(raw) else wrong
    if base is float:
        return [] if isinstance(raw, (int, float)) and not isinstance(raw, bool) else wrong
    if base in (str, MaybeSnowflakeIdType):
        return [] if isinstance(raw, str) else wrong
    if base in (int, bool):
        return [] if type(raw) is base else wrong
    return []


def _is_time(raw: Any) -> bool:
    if not isinstance(raw, str):
        return False
    try:
        return raw.isdigit() or dateutil.parser.isoparse(raw) is not None
    except ValueError:
        return False


def eventually(what: Callable[[], Any], seconds: float = 10) -> Any:
    """What `what` gives, once that is true."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
    return found
