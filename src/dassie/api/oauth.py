"""How apps register and get tokens: OAuth 2 as Mastodon has it. The page that asks the person is in `web/`."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_plus

from dassie.api.entities.apps import (
    Application,
    CredentialApplication,
    Introspection,
    OAuthServerMetadata,
    Token,
    TokenInfo,
    UserInfo,
    show_app,
    show_metadata,
    show_new_app,
    show_token,
    show_user_info,
)
from dassie.api.entities.shapes import Empty
from dassie.api.routing import Call, Reply, get, post
from dassie.domain.errors import NotAuthenticated
from dassie.domain.ids import EPOCH, id_time
from dassie.door import taking as take
from dassie.door.limits import APPS
from dassie.services import authorising, registering_apps
from dassie.services.authorising import refusal
from dassie.services.keys import vapid_public_key
from dassie.store import apps

CLIENT = [take.text("client_id", "Or by HTTP Basic.", most=500), take.text("client_secret", most=500)]


@post(
    "/api/v1/apps",
    takes=[
        take.text("client_name", required=True),
        take.texts("redirect_uris", "A text, lines in a text, or a list.", required=True),
        take.text("scopes", "Separated by spaces; `read` where none are named.", most=5000),
        take.text("website"),
    ],
)
async def register_app(call: Call) -> CredentialApplication:
    """Register a client application. `redirect_uris` is a text, lines in a text, or a list."""
    call.limits.count(APPS, call.request.client_group, call.server.clock.now())
    async with call.server.write() as tx:
        app, secret = await registering_apps.register(
            tx,
            name=call.params.text("client_name") or "",
            redirect_uris=call.params.texts("redirect_uris"),
            scopes=call.params.text("scopes", most=5000) or "",
            website=call.params.text("website"),
        )
    return show_new_app(app, secret, vapid_public_key(call.server.secret))


@get("/api/v1/apps/verify_credentials", takes=[], app=True)
async def verify_app(call: Call) -> Application:
    """The app that this token was given to; any token will do."""
    if call.caller is None or call.caller.app_id is None:
        raise NotAuthenticated
    async with call.server.read() as tx:
        app = await apps.by_id(tx, call.caller.app_id)
    if app is None:
        raise NotAuthenticated
    return show_app(app, vapid_public_key(call.server.secret))


@post(
    "/oauth/token",
    takes=[
        take.text("grant_type", "`authorization_code` or `client_credentials`.", required=True),
        *CLIENT,
        take.text("code", most=5000),
        take.text("redirect_uri", most=5000),
        take.text("code_verifier"),
        take.text("scope", most=5000),
    ],
)
async def give_token(call: Call) -> Token:
    """A token for a code, or for the app itself."""
    client_id, secret = _client(call)
    params = call.params
    match params.text("grant_type"):
        case "authorization_code":
            issued = await authorising.exchange(
                call.server,
                client_id=client_id,
                client_secret=secret,
                code=_needed(call, "code"),
                redirect_uri=_needed(call, "redirect_uri"),
                code_verifier=params.text("code_verifier"),
            )
        case "client_credentials":
            scope = params.text("scope", most=5000) or ""
            issued = await authorising.app_token(call.server, client_id=client_id, client_secret=secret, scope=scope)
        case None | "":
            raise refusal("invalid_request", "Missing required parameter: grant_type.")
        case _:
            words = "The authorization grant type is not supported by the authorization server."
            raise refusal("unsupported_grant_type", words)
    return show_token(issued)


@post("/oauth/revoke", takes=[take.text("token", required=True, most=500), *CLIENT])
async def revoke_token(call: Call) -> Empty:
    """End a token of one's own; an unknown one is fine too."""
    client_id, secret = _client(call)
    token = call.params.text("token", most=500) or ""
    await authorising.revoke(call.server, client_id=client_id, client_secret=secret, token=token)
    return {}


@post("/oauth/introspect", takes=[take.text("token", required=True, most=500), *CLIENT])
async def introspect_token(call: Call) -> Introspection:
    """What a token of this client is good for (RFC 7662)."""
    client_id, secret = _client(call)
    token = call.params.text("token", most=500) or ""
    found = await authorising.introspect(call.server, client_id=client_id, client_secret=secret, token=token)
    if found is None:
        return {"active": False}
    app, kept = found
    issued = int((kept.created_at - EPOCH).total_seconds())
    return {
        "active": True,
        "scope": kept.scopes,
        "client_id": app.client_id,
        "token_type": "Bearer",
        "iat": issued,
        "exp": None,
    }


@get("/oauth/token/info", takes=[], app=True)
async def token_info(call: Call) -> TokenInfo:
    """Facts about the token that is presented."""
    if call.caller is None or call.caller.app_id is None:
        raise NotAuthenticated
    async with call.server.read() as tx:
        app = await apps.by_id(tx, call.caller.app_id)
    return {
        "resource_owner_id": str(call.caller.user.id) if call.caller.user is not None else None,
        "scope": sorted(call.caller.scopes),
        "expires_in": None,
        "application": {"uid": app.client_id if app is not None else None},
        "created_at": int((id_time(call.caller.token_id) - EPOCH).total_seconds()),
    }


@get("/oauth/userinfo", scope="profile", takes=[])
async def user_info(call: Call) -> UserInfo:
    """Who the person is, in OpenID Connect's words."""
    return show_user_info(call.me, call.urls)


@post("/oauth/userinfo", scope="profile", takes=[])
async def user_info_by_post(call: Call) -> UserInfo:
    """The same."""
    return show_user_info(call.me, call.urls)


@get("/.well-known/oauth-authorization-server", takes=[])
async def server_metadata(call: Call) -> Reply[OAuthServerMetadata]:
    """Where everything is, for clients that look before they register."""
    return Reply(show_metadata(call.urls), headers=[("cache-control", "public, max-age=300")])


def _client(call: Call) -> tuple[str | None, str | None]:
    """Client id and secret, from the body or by HTTP Basic (RFC 6749 section 2.3.1)."""
    kind, _, given = call.request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(given.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise refusal("invalid_client", "The Authorization header cannot be read.") from None
        return unquote_plus(name), unquote_plus(secret)
    return call.params.text("client_id", most=500), call.params.text("client_secret", most=500)


def _needed(call: Call, name: str) -> str:
    value = call.params.text(name, most=5000)
    if not value:
        raise refusal("invalid_request", f"Missing required parameter: {name}.")
    return value
