"""OAuth: what an app asks for, what a person agrees to, and the token of it (limits_and_rules section 12)."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal, cast

from dassie.domain.errors import BadRequest, DassieError, Invalid, NotAllowed, NotAuthenticated
from dassie.domain.redirects import OUT_OF_BAND, with_answer
from dassie.domain.scopes import parse_scopes, within
from dassie.ports import Event
from dassie.server import Server
from dassie.services import signing_up
from dassie.store import apps, logins, tokens
from dassie.store.apps import Code, OAuthApp
from dassie.store.logins import User, token_hash
from dassie.store.tokens import Token
from dassie.store.tx import Tx

CODE_LASTS = timedelta(minutes=10)
ResponseMode = Literal["query", "fragment", "form_post"]
RESPONSE_MODES = ("query", "fragment", "form_post")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}\Z")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an app asks a person for, checked."""

    app: OAuthApp
    redirect_uri: str
    scopes: list[str]
    state: str | None
    code_challenge: str | None
    response_mode: ResponseMode

    @property
    def out_of_band(self) -> bool:
        """The code is to be shown on a page."""
        return self.redirect_uri == OUT_OF_BAND

    def fields(self, **answer: str) -> dict[str, str]:
        """What goes back to the app: the answer, and its `state` where it sent one."""
        return answer if self.state is None else {**answer, "state": self.state}

    def address(self, **answer: str) -> str:
        """Where to send the browser with the answer: `code=…`, or `error=…`."""
        return with_answer(self.redirect_uri, self.fields(**answer), self.response_mode)


class BackToApp(Invalid):
    """The app asked for something it may not have, and is told so: send the browser to `asked.address(**answer)`."""

    def __init__(self, asked: Asked, error: str, words: str) -> None:
        super().__init__(words)
        self.asked = asked
        self.answer = {"error": error, "error_description": words}


@dataclass(frozen=True, slots=True)
class Issued:
    """A token that was given out."""

    token: str
    scopes: str
    created_at: datetime


async def check_request(
    tx: Tx,
    *,
    client_id: str,
    redirect_uri: str,
    response_type: str = "code",
    scope: str = "",
    state: str | None = None,
    code_challenge: str | None = None,
    code_challenge_method: str | None = None,
    response_mode: str | None = None,
) -> Asked:
    """What the app asks for.

    Raises `BadRequest` where we cannot trust the address to send people back to: show a page.
    Raises `BackToApp` for what the app should be told.
    """
    app = await apps.by_client_id(tx, client_id)
    if app is None:
        words = "Client authentication failed due to unknown client."
        raise BadRequest(words, body={"error": "invalid_client", "error_description": words})
    if redirect_uri not in app.redirect_uris:
        raise refusal("invalid_redirect_uri", "The redirect uri included is not valid.")
    mode: ResponseMode = cast("ResponseMode", response_mode) if response_mode in RESPONSE_MODES else "query"
    asked = Asked(app, redirect_uri, [], state, code_challenge or None, mode)
    if response_mode and response_mode not in RESPONSE_MODES:
        raise BackToApp(asked, "unsupported_response_mode", "The server does not support this response mode.")
    if response_type != "code":
        raise BackToApp(asked, "unsupported_response_type", "The server does not support this response type.")
    if code_challenge and (code_challenge_method != "S256" or not _CHALLENGE.match(code_challenge)):
        raise BackToApp(asked, "invalid_request", "The code challenge method must be S256.")
    if code_challenge_method and not code_challenge:
        raise BackToApp(asked, "invalid_request", "The code challenge is missing.")
    scopes = _scopes(scope, app)
    if scopes is None:
        raise BackToApp(asked, "invalid_scope", "The requested scope is invalid, unknown, or malformed.")
    return Asked(app, redirect_uri, scopes, state, code_challenge or None, mode)


async def already_granted(tx: Tx, user: User, asked: Asked) -> bool:
    """Whether the person gave this app these scopes before, so that the question may be left out."""
    wanted = frozenset(asked.scopes)
    return any(frozenset(t.scopes.split()) == wanted for t in await tokens.valid(tx, asked.app.id, user.id))


async def grant_code(tx: Tx, user: User, asked: Asked) -> str:
    """The code for what the person agreed to; good for ten minutes and one exchange."""
    code = secrets.token_urlsafe(32)
    scopes = " ".join(asked.scopes)
    expires = tx.now + CODE_LASTS
    await apps.insert_code(
        tx, code, Code(asked.app.id, user.id, asked.redirect_uri, scopes, asked.code_challenge, expires)
    )
    return code


async def client(tx: Tx, client_id: str | None, client_secret: str | None) -> OAuthApp:
    """The app that proves itself with its secret; raises `invalid_client`."""
    app = await apps.by_client_id(tx, client_id) if client_id else None
    proof = token_hash(client_secret or "")
    if not hmac.compare_digest(proof, app.client_secret_hash if app is not None else token_hash("nobody")):
        app = None
    if app is None:
        words = "Client authentication failed due to unknown client, no client authentication included, or unsupported"
        raise refusal("invalid_client", f"{words} authentication method.")
    return app


async def exchange(
    server: Server,
    *,
    client_id: str | None,
    client_secret: str | None,
    code: str,
    redirect_uri: str,
    code_verifier: str | None,
) -> Issued:
    """The token for a code. The code is used up even where the rest is wrong; raises `invalid_grant` then."""
    async with server.write() as tx:
        app = await client(tx, client_id, client_secret)
        granted = await apps.take_code(tx, code)
        user = await logins.by_id(tx, granted.user_id) if granted is not None else None
        issued: Issued | None = None
        if granted is not None and user is not None and _fits(granted, app, redirect_uri, code_verifier):
            if user.disabled:
                raise refusal("invalid_grant", "Your login is currently disabled")
            issued = await issue(tx, server, user, granted.scopes, app)
    if issued is None:
        words = "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI"
        raise refusal("invalid_grant", f"{words} used in the authorization request, or was issued to another client.")
    return issued


async def app_token(server: Server, *, client_id: str | None, client_secret: str | None, scope: str) -> Issued:
    """A token that stands for the app itself."""
    async with server.write() as tx:
        app = await client(tx, client_id, client_secret)
        scopes = _scopes(scope, app)
        if scopes is None:
            raise refusal("invalid_scope", "The requested scope is invalid, unknown, or malformed.")
        return await issue(tx, server, None, " ".join(scopes), app)


async def revoke(server: Server, *, client_id: str | None, client_secret: str | None, token: str) -> None:
    """End a token of this client. One that nobody knows is no error (RFC 7009); another client's is."""
    async with server.write() as tx:
        try:
            app = await client(tx, client_id, client_secret)
        except NotAuthenticated:
            raise _not_theirs() from None  # as Mastodon has it: 403 for who is no client, too
        found = await tokens.by_text(tx, token)
        if found is None:
            return
        if found.app_id != app.id:
            raise _not_theirs()
        tell_revoked(tx, server, await tokens.revoke(tx, found.id))


def _not_theirs() -> NotAllowed:
    words = "You are not authorized to revoke this token"
    return NotAllowed(words, body={"error": "unauthorized_client", "error_description": words})


async def withdraw(tx: Tx, server: Server, user: User, app_id: int) -> int:
    """A person takes an app's access back; how many tokens ended."""
    ended = await tokens.revoke_app(tx, user.id, app_id)
    tell_revoked(tx, server, ended)
    return len(ended)


async def introspect(
    server: Server, *, client_id: str | None, client_secret: str | None, token: str
) -> tuple[OAuthApp, Token] | None:
    """A valid token of this client (RFC 7662); None for any other."""
    async with server.read() as tx:
        app = await client(tx, client_id, client_secret)
        found = await tokens.by_text(tx, token)
    return (app, found) if found is not None and found.app_id == app.id else None


def tell_revoked(tx: Tx, server: Server, token_ids: list[int]) -> None:
    """End the streams that these tokens opened."""
    for id in token_ids:
        event = Event("token", id)
        tx.after_commit(lambda event=event: server.streams.publish("tokens", event))  # type: ignore[misc]


def refusal(error: str, words: str) -> DassieError:
    """An error in OAuth's own words (RFC 6749 section 5.2)."""
    body = {"error": error, "error_description": words}
    return NotAuthenticated(words, body=body) if error == "invalid_client" else BadRequest(words, body=body)


async def issue(tx: Tx, server: Server, user: User | None, scopes: str, app: OAuthApp) -> Issued:
    """A token for this app, and what is told with it; the same again for the same user and scopes."""
    token = await signing_up.issue_token(tx, server, user, scopes, app.id)
    kept = await tokens.by_text(tx, token)
    assert kept is not None
    return Issued(token, kept.scopes, kept.created_at)


def _scopes(text: str, app: OAuthApp) -> list[str] | None:
    """The scopes asked for, where they exist and the app registered them."""
    try:
        asked = parse_scopes(text)
    except Invalid:
        return None
    return asked if within(asked, app.scopes.split()) else None


def _fits(granted: Code, app: OAuthApp, redirect_uri: str, verifier: str | None) -> bool:
    if granted.app_id != app.id or granted.redirect_uri != redirect_uri:
        return False
    if granted.code_challenge is None:
        return True
    if verifier is None or not _VERIFIER.match(verifier):
        return False
    digest = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(digest, granted.code_challenge)
