"""Words that all our documents share: contexts, addresses of collections, times."""

from __future__ import annotations

from datetime import datetime
from typing import Any

Doc = dict[str, Any]

AS = "https://www.w3.org/ns/activitystreams"
SECURITY = "https://w3id.org/security/v1"
PUBLIC = f"{AS}#Public"

_TOOT = {"toot": "http://joinmastodon.org/ns#"}
_EMOJI = {"Emoji": "toot:Emoji", "focalPoint": {"@container": "@list", "@id": "toot:focalPoint"}}

_GTS = {
    "gts": "https://gotosocial.org/ns#",
    "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
    "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
    "manualApproval": {"@id": "gts:manualApproval", "@type": "@id"},
}

FEATURE_TERMS = {
    **_GTS,
    "canFeature": {"@id": "https://w3id.org/fep/7aa9#canFeature", "@type": "@id"},
    "featuredCollections": {"@id": "https://w3id.org/fep/7aa9#featuredCollections", "@type": "@id"},
}
"""Who may put an actor into a collection, and which collections they made (FEP-7aa9)."""

_QUOTE = {
    "quote": {"@id": "https://w3id.org/fep/044f#quote", "@type": "@id"},
    "quoteAuthorization": {"@id": "https://w3id.org/fep/044f#quoteAuthorization", "@type": "@id"},
    "quoteUri": "http://fedibird.com/ns#quoteUri",
    "_misskey_quote": "https://misskey-hub.net/ns#_misskey_quote",
    "canQuote": {"@id": "gts:canQuote", "@type": "@id"},
}
"""FEP-044f, and what older software reads."""

NOTE_CONTEXT: list[Any] = [
    AS,
    {
        "ostatus": "http://ostatus.org#",
        "atomUri": "ostatus:atomUri",
        "inReplyToAtomUri": "ostatus:inReplyToAtomUri",
        "conversation": "ostatus:conversation",
        "sensitive": "as:sensitive",
        "Hashtag": "as:Hashtag",
        "votersCount": "toot:votersCount",
        "blurhash": "toot:blurhash",
        "litepub": "http://litepub.social/ns#",
        "directMessage": "litepub:directMessage",
        **_GTS,
        **_QUOTE,
        **_TOOT,
        **_EMOJI,
    },
]

ACTOR_CONTEXT: list[Any] = [
    AS,
    SECURITY,
    {
        "schema": "http://schema.org#",
        "PropertyValue": "schema:PropertyValue",
        "value": "schema:value",
        "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
        "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
        "movedTo": {"@id": "as:movedTo", "@type": "@id"},
        "featured": {"@id": "toot:featured", "@type": "@id"},
        "featuredTags": {"@id": "toot:featuredTags", "@type": "@id"},
        "discoverable": "toot:discoverable",
        "indexable": "toot:indexable",
        "showMedia": "toot:showMedia",
        "showRepliesInMedia": "toot:showRepliesInMedia",
        "showFeatured": "toot:showFeatured",
        "memorial": "toot:memorial",
        "suspended": "toot:suspended",
        "attributionDomains": {"@id": "toot:attributionDomains", "@type": "@id"},
        **FEATURE_TERMS,
        "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
        **_TOOT,
        **_EMOJI,
    },
]

QUOTE_REQUEST_CONTEXT: list[Any] = [*NOTE_CONTEXT, {"QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest"}]
"""With the quoting status in it."""

AUTHORIZATION_CONTEXT: list[Any] = [
    AS,
    {
        "gts": "https://gotosocial.org/ns#",
        "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
        "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
        "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"},
    },
]

TAG_CONTEXT: list[Any] = [AS, {"Hashtag": "as:Hashtag"}]


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC; milliseconds, so that the order of two quick posts is kept."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def with_context(doc: Doc, context: Any = AS) -> Doc:
    """The document as it stands alone."""
    return {"@context": context, **doc}


def emoji_tag(shortcode: str, url: str) -> Doc:
    """A custom emoji used in a text."""
    return {
        "id": url,
        "type": "Emoji",
        "name": f":{shortcode}:",
        "icon": {"type": "Image", "mediaType": media_type_of(url), "url": url},
    }


def media_type_of(url: str) -> str:
    """The type of a picture by the end of its address; ours end in what they are."""
    return _TYPES.get(url.rpartition(".")[2].lower(), "image/png")


_TYPES = {
    "avif": "image/avif",
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}
