"""Our own addresses. Ids of ActivityPub objects never change once given out."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol
from urllib.parse import quote


class _Account(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def username(self) -> str: ...
    @property
    def domain(self) -> str: ...
    @property
    def avatar_key(self) -> str | None: ...
    @property
    def avatar_static_key(self) -> str | None: ...
    @property
    def avatar_remote_url(self) -> str | None: ...
    @property
    def header_key(self) -> str | None: ...
    @property
    def header_static_key(self) -> str | None: ...
    @property
    def header_remote_url(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Urls:
    """Addresses under `base` (`https://host`, no slash at the end). `secret` signs the media proxy."""

    base: str
    domain: str
    secret: bytes

    def actor(self, username: str) -> str:
        return f"{self.base}/users/{username}"

    def inbox(self, username: str) -> str:
        return f"{self.base}/users/{username}/inbox"

    def collection(self, username: str, name: str) -> str:
        """`followers`, `following`, `outbox` or `collections/featured`."""
        return f"{self.base}/users/{username}/{name}"

    def profile(self, username: str) -> str:
        return f"{self.base}/@{username}"

    def status_uri(self, username: str, id: int) -> str:
        return f"{self.base}/users/{username}/statuses/{id}"

    def status(self, username: str, id: int) -> str:
        return f"{self.base}/@{username}/{id}"

    def tag(self, name: str) -> str:
        return f"{self.base}/tags/{quote(name)}"

    def tagged_by(self, username: str, tag: str) -> str:
        """What somebody here wrote with a tag."""
        return f"{self.base}/@{username}/tagged/{quote(tag)}"

    def collection_page(self, id: int) -> str:
        """The page of a collection of recommended accounts."""
        return f"{self.base}/collections/{id}"

    def curated(self, account_id: int, id: int | None = None) -> str:
        """A collection as other servers name it; without `id` all of one account."""
        actor = f"{self.base}/ap/users/{account_id}"
        return f"{actor}/featured_collections" if id is None else f"{actor}/collections/{id}"

    def curated_item(self, account_id: int, item_id: int) -> str:
        """Somebody in such a collection, as other servers name it."""
        return f"{self.base}/ap/users/{account_id}/collection_items/{item_id}"

    def feature_authorization(self, account_id: int, item_id: int) -> str:
        """Where one of ours proves that they agreed to be in a collection."""
        return f"{self.base}/ap/users/{account_id}/feature_authorizations/{item_id}"

    def shared_year(self, username: str, year: int, key: str) -> str:
        """Where everybody sees the year of somebody here who hands out this address."""
        return f"{self.base}/@{username}/wrapstodon/{year}/{key}"

    def media_file(self, key: str) -> str:
        """Where a stored file is served."""
        return f"{self.base}/system/{key}"

    def proxied(self, remote_url: str, kind: str) -> str:
        """The signed address under which we fetch, keep and serve another server's file.

        `kind` is original, small, avatar, header, emoji or card: the proxy's limits depend on it.
        """
        data = base64.urlsafe_b64encode(remote_url.encode()).rstrip(b"=").decode()
        return f"{self.base}/media_proxy/{kind}/{self.proof(kind, remote_url)}/{data}"

    def proof(self, kind: str, remote_url: str) -> str:
        """Shows that we made a proxy address: nobody can have us fetch what they like."""
        digest = hmac.new(self.secret, f"proxy:{kind}:{remote_url}".encode(), sha256).digest()
        return base64.urlsafe_b64encode(digest[:18]).decode()

    def _picture(self, key: str | None, remote: str | None, kind: str) -> str:
        if key:
            return self.media_file(key)
        if remote:
            return self.proxied(remote, kind)
        return f"{self.base}/static/{kind}-missing.png"

    def avatar(self, account: _Account) -> str:
        return self._picture(account.avatar_key, account.avatar_remote_url, "avatar")

    def avatar_static(self, account: _Account) -> str:
        return self._picture(account.avatar_static_key or account.avatar_key, account.avatar_remote_url, "avatar")

    def header(self, account: _Account) -> str:
        return self._picture(account.header_key, account.header_remote_url, "header")

    def header_static(self, account: _Account) -> str:
        return self._picture(account.header_static_key or account.header_key, account.header_remote_url, "header")
