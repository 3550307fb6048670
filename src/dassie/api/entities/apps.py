"""Application, CredentialApplication and Token entities, and what OAuth clients read about us."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from dassie.api.entities.shapes import Id, Url
from dassie.domain.ids import EPOCH
from dassie.domain.scopes import ALL
from dassie.domain.urls import Urls
from dassie.services.authorising import RESPONSE_MODES, Issued
from dassie.store.apps import OAuthApp
from dassie.store.views import AccountView


class Application(TypedDict):
    """An app, as its own tokens see it."""

    id: Id
    name: str
    website: Url | None
    scopes: list[str]
    redirect_uris: list[str]
    redirect_uri: str
    vapid_key: str


class CredentialApplication(Application):
    """An app, as it is told once."""

    client_id: str
    client_secret: str
    client_secret_expires_at: int


class Token(TypedDict):
    """What is sent with every call."""

    access_token: str
    token_type: str
    scope: str
    created_at: int


class Introspection(TypedDict):
    """What a token is good for (RFC 7662)."""

    active: bool
    scope: NotRequired[str]
    client_id: NotRequired[str | None]
    token_type: NotRequired[str]
    iat: NotRequired[int]
    exp: NotRequired[int | None]


class TokenApplication(TypedDict):
    """The app of a token."""

    uid: str | None


class TokenInfo(TypedDict):
    """Facts about the token that is presented."""

    resource_owner_id: Id | None
    scope: list[str]
    expires_in: int | None
    application: TokenApplication
    created_at: int


class UserInfo(TypedDict):
    """Who somebody is, in OpenID Connect's words."""

    iss: Url
    sub: Url
    name: str
    preferred_username: str
    profile: Url | None
    picture: Url


class OAuthServerMetadata(TypedDict):
    """Where everything is (RFC 8414)."""

    issuer: Url
    service_documentation: Url
    authorization_endpoint: Url
    token_endpoint: Url
    app_registration_endpoint: Url
    revocation_endpoint: Url
    introspection_endpoint: Url
    userinfo_endpoint: Url
    scopes_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    code_challenge_methods_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]


def show_app(app: OAuthApp, vapid_key: str) -> Application:
    """An app as its own tokens see it."""
    return {
        "id": str(app.id),
        "name": app.name,
        "website": app.website,
        "scopes": app.scopes.split(),
        "redirect_uri": "\n".join(app.redirect_uris),
        "redirect_uris": app.redirect_uris,
        "vapid_key": vapid_key,
    }


def show_new_app(app: OAuthApp, secret: str, vapid_key: str) -> CredentialApplication:
    """An app as it is told once, with its secret."""
    return {
        **show_app(app, vapid_key),
        "client_id": app.client_id,
        "client_secret": secret,
        "client_secret_expires_at": 0,
    }


def show_token(issued: Issued) -> Token:
    """A token, the one time it is told."""
    return {
        "access_token": issued.token,
        "token_type": "Bearer",
        "scope": issued.scopes,
        "created_at": int((issued.created_at - EPOCH).total_seconds()),
    }


def show_user_info(account: AccountView, urls: Urls) -> UserInfo:
    """OpenID Connect's claims about the caller."""
    return {
        "iss": f"{urls.base}/",
        "sub": account.uri,
        "name": account.display_name or account.username,
        "preferred_username": account.username,
        "profile": account.url,
        "picture": urls.avatar(account),
    }


def show_metadata(urls: Urls) -> OAuthServerMetadata:
    """OAuth Authorization Server Metadata (RFC 8414)."""
    base = urls.base
    methods = ["client_secret_basic", "client_secret_post"]
    return {
        "issuer": f"{base}/",
        "service_documentation": f"{base}/about",
        "authorization_endpoint": f"{base}/oauth/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "app_registration_endpoint": f"{base}/api/v1/apps",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "introspection_endpoint": f"{base}/oauth/introspect",
        "userinfo_endpoint": f"{base}/oauth/userinfo",
        "scopes_supported": list(ALL),
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": methods,
        "code_challenge_methods_supported": ["S256"],
    }
