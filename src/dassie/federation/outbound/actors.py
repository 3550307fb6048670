"""Our accounts as actors."""

from __future__ import annotations

from dassie.domain.ids import INSTANCE_ACCOUNT_ID
from dassie.domain.urls import Urls
from dassie.federation.outbound.curated import feature_policy
from dassie.federation.outbound.terms import ACTOR_CONTEXT, Doc, emoji_tag, media_type_of, stamp, with_context
from dassie.federation.signing import key_id_of
from dassie.store.outgoing import Known
from dassie.store.views import AccountView


def render_actor(account: AccountView, extra: Known, public_key: str, urls: Urls) -> Doc:
    """The actor document of an account of ours, with its context. `public_key` is a PEM."""
    if account.id == INSTANCE_ACCOUNT_ID:
        return with_context(_instance(account, public_key, urls), ACTOR_CONTEXT)
    name = account.username
    doc: Doc = {
        "id": account.uri,
        "type": account.actor_type,
        "preferredUsername": name,
        "webfinger": f"{name}@{urls.domain}",
        "name": account.display_name,
        "summary": account.note,
        "url": urls.profile(name),
        "published": f"{account.created_at:%Y-%m-%d}T00:00:00Z",
        "inbox": urls.inbox(name),
        "outbox": urls.collection(name, "outbox"),
        "followers": urls.collection(name, "followers"),
        "following": urls.collection(name, "following"),
        "featured": urls.collection(name, "collections/featured"),
        "featuredTags": urls.collection(name, "collections/tags"),
        "featuredCollections": urls.curated(account.id),
        "interactionPolicy": feature_policy(account, urls),
        "manuallyApprovesFollowers": account.locked,
        "discoverable": account.discoverable,
        "indexable": account.indexable,
        "showMedia": account.show_media,
        "showRepliesInMedia": account.show_media_replies,
        "showFeatured": account.show_featured,
        "memorial": account.memorial,
        "publicKey": _key(account, public_key),
        "tag": [emoji_tag(emoji.shortcode, emoji.url) for emoji in account.emojis],
        "attachment": [{"type": "PropertyValue", "name": field.name, "value": field.value} for field in account.fields],
        "endpoints": {"sharedInbox": f"{urls.base}/inbox"},
    }
    doc |= _pictures(account, urls)
    if extra.also_known_as:
        doc["alsoKnownAs"] = extra.also_known_as
    if extra.attribution_domains:
        doc["attributionDomains"] = extra.attribution_domains
    if account.moved_to_uri:
        doc["movedTo"] = account.moved_to_uri
    if account.suspended_at is not None:
        doc["suspended"] = True
    return with_context(doc, ACTOR_CONTEXT)


def _key(account: AccountView, public_key: str) -> Doc:
    return {"id": key_id_of(account.uri), "owner": account.uri, "publicKeyPem": public_key}


def _pictures(account: AccountView, urls: Urls) -> Doc:
    """Avatar and header, where there are any of our own."""
    doc: Doc = {}
    for name, key, words in (
        ("icon", account.avatar_key, account.avatar_description),
        ("image", account.header_key, account.header_description),
    ):
        if key:
            url = urls.media_file(key)
            doc[name] = {"type": "Image", "mediaType": media_type_of(url), "url": url}
            if words:
                doc[name]["summary"] = words
    return doc


def _instance(account: AccountView, public_key: str, urls: Urls) -> Doc:
    """The server itself: it only signs requests, so it has neither followers nor posts."""
    return {
        "id": account.uri,
        "type": "Application",
        "preferredUsername": account.username,
        "webfinger": f"{account.username}@{urls.domain}",
        "name": account.display_name or urls.domain,
        "url": account.url,
        "published": stamp(account.created_at),
        "inbox": f"{account.uri}/inbox",
        "outbox": f"{account.uri}/outbox",
        "manuallyApprovesFollowers": True,
        "publicKey": _key(account, public_key),
        "endpoints": {"sharedInbox": f"{urls.base}/inbox"},
    }
