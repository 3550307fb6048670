"""What the terms of the usual JSON-LD contexts stand for: facts, by term. Nothing is ever loaded from elsewhere.

Two tables say more than the contexts do: how our own reading understands a term (`KNOWN`), so that a document
which gives it another meaning can be told, and which terms may have several values (`MANY`).
"""

from __future__ import annotations

from typing import NamedTuple

AS = "https://www.w3.org/ns/activitystreams#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
DC = "http://purl.org/dc/terms/"
SEC = "https://w3id.org/security#"
LDP = "http://www.w3.org/ns/ldp#"
_SCHEMA = "http://schema.org/"

MOMENT = f"{XSD}dateTime"
COUNT = f"{XSD}nonNegativeInteger"
FLOAT = f"{XSD}float"


class Term(NamedTuple):
    """A term's meaning."""

    iri: str
    type: str = ""
    """`@id` where strings are ids, else the IRI of a data type; empty for none."""
    container: str = ""
    """`@list`, `@language` or empty."""
    prefix: bool = False
    """Whether it may stand before a colon."""


Table = dict[str, Term]


def _plain(base: str, names: str) -> Table:
    return {name: Term(base + name) for name in names.split()}


def _typed(base: str, type: str, names: str) -> Table:
    return {name: Term(base + name, type) for name in names.split()}


def _prefixes(**bases: str) -> Table:
    return {name: Term(base, prefix=True) for name, base in bases.items()}


_ACTIVITY_STREAMS: Table = {
    **_prefixes(xsd=XSD, ldp=LDP, vcard="http://www.w3.org/2006/vcard/ns#"),
    "as": Term(AS, prefix=True),
    **_plain(
        AS,
        "Accept Activity Add Announce Application Arrive Article Audio Block Collection CollectionPage Create Delete "
        "Dislike Document Event Flag Follow Group Ignore Image IntransitiveActivity Invite IsContact IsFollowedBy "
        "IsFollowing IsMember Join Leave Like Link Listen Mention Move Note Object Offer OrderedCollection "
        "OrderedCollectionPage Organization Page Person Place Profile Question Read Reject Relationship Remove "
        "Service TentativeAccept TentativeReject Tombstone Travel Undo Update Video View "
        "content hreflang mediaType name preferredUsername rel source summary units",
    ),
    **_typed(
        AS,
        "@id",
        "Public actor alsoKnownAs anyOf attachment attributedTo audience bcc bto cc context current describes "
        "endpoints first followers following formerType generator href icon image inReplyTo instrument items last "
        "liked likes location next oauthAuthorizationEndpoint oauthTokenEndpoint object oneOf origin outbox partOf "
        "prev preview provideClientKey proxyUrl relationship replies result sharedInbox shares signClientKey "
        "streams subject tag target to uploadMedia url",
    ),
    **_typed(AS, MOMENT, "closed deleted endTime published startTime updated"),
    **_typed(AS, COUNT, "height startIndex totalItems width"),
    **_typed(AS, FLOAT, "accuracy altitude latitude longitude radius"),
    "duration": Term(f"{AS}duration", f"{XSD}duration"),
    "inbox": Term(f"{LDP}inbox", "@id"),
    "orderedItems": Term(f"{AS}items", "@id", "@list"),
    **{f"{name}Map": Term(AS + name, "", "@language") for name in ("content", "name", "summary")},
}

_KEYS: Table = {
    **_prefixes(dc=DC, sec=SEC, xsd=XSD),
    "created": Term(f"{DC}created", MOMENT),
    "creator": Term(f"{DC}creator", "@id"),
    **_typed(SEC, "@id", "owner privateKey publicKey publicKeyService"),
    "expires": Term(f"{SEC}expiration", MOMENT),
    "revoked": Term(f"{SEC}revoked", MOMENT),
    "signatureAlgorithm": Term(f"{SEC}signingAlgorithm"),
    "CryptographicKey": Term(f"{SEC}Key"),
    **_plain(
        SEC,
        "cipherAlgorithm cipherData cipherKey digestAlgorithm digestValue domain initializationVector nonce "
        "normalizationAlgorithm password privateKeyPem publicKeyPem signature signatureValue "
        "EncryptedMessage GraphSignature2012 LinkedDataSignature2015",
    ),
}

_SECURITY: Table = {
    **_KEYS,
    "expiration": Term(f"{SEC}expiration", MOMENT),
    **_plain(
        SEC,
        "authenticationTag canonicalizationAlgorithm encryptionKey iterationCount publicKeyBase58 publicKeyWif salt "
        "EcdsaKoblitzSignature2016 Ed25519Signature2018 LinkedDataSignature2016",
    ),
}

_CRED = "https://w3id.org/credentials#"
_IDENTITY_NS = "https://w3id.org/identity#"
_PERM = "https://w3id.org/permissions#"
_PS = "https://w3id.org/payswarm#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"

_IDENTITY: Table = {
    **_KEYS,
    **_prefixes(cred=_CRED, identity=_IDENTITY_NS, perm=_PERM, ps=_PS, rdf=RDF, rdfs=_RDFS, schema=_SCHEMA),
    "Group": Term(f"{AS}Group"),
    **_typed(_CRED, "@id", "claim credential issuer recipient"),
    "issued": Term(f"{_CRED}issued", MOMENT),
    **_plain(_CRED, "Credential CryptographicKeyCredential"),
    **_typed(_SCHEMA, "@id", "about address image member memberOf url"),
    **_plain(
        _SCHEMA,
        "addressCountry addressLocality addressRegion description email familyName givenName name postalCode "
        "streetAddress Person PostalAddress Organization",
    ),
    **_plain(_RDFS, "comment label"),
    "title": Term(f"{DC}title"),
    **_typed(_IDENTITY_NS, "@id", "identityService idp"),
    "Identity": Term(f"{_IDENTITY_NS}Identity"),
    "paymentProcessor": Term(f"{_PS}processor"),
    **_typed(_PERM, "@id", "accessControl writePermission"),
}

BUNDLED: dict[str, Table] = {
    "https://www.w3.org/ns/activitystreams": _ACTIVITY_STREAMS,
    "https://w3id.org/security/v1": _SECURITY,
    "https://w3id.org/identity/v1": _IDENTITY,
    # All that these two add belongs to a proof, which is taken off before anything is read, or to a key in it.
    "https://w3id.org/security/data-integrity/v1": {"DataIntegrityProof": Term(f"{SEC}DataIntegrityProof")},
    "https://w3id.org/security/data-integrity/v2": {"DataIntegrityProof": Term(f"{SEC}DataIntegrityProof")},
    "https://w3id.org/security/multikey/v1": {"Multikey": Term(f"{SEC}Multikey")},
}

SCOPED: dict[str, dict[str, Table]] = {
    "https://w3id.org/security/multikey/v1": {
        f"{SEC}Multikey": {
            "controller": Term(f"{SEC}controller", "@id"),
            "expires": Term(f"{SEC}expiration", MOMENT),
            "publicKeyMultibase": Term(f"{SEC}publicKeyMultibase", f"{SEC}multibase"),
            "revoked": Term(f"{SEC}revoked", MOMENT),
        }
    }
}
"""By context and type: terms that are defined inside an object of this type, and nowhere else."""


# Our own reading -------------------------------------------------------------------------------------------

_TOOT = ("http://joinmastodon.org/ns#", "https://joinmastodon.org/ns#")
_SCHEMAS = ("http://schema.org#", "http://schema.org/", "https://schema.org/", "https://schema.org#")
_MISSKEY = ("https://misskey-hub.net/ns#", "https://misskey.io/ns#")
_LITEPUB = ("http://litepub.social/ns#",)
_GTS = ("https://gotosocial.org/ns#",)
_QUOTES = ("https://w3id.org/fep/044f#",)
_OSTATUS = ("http://ostatus.org#",)
_FEDIBIRD = ("http://fedibird.com/ns#",)

_EXTENSIONS: list[tuple[tuple[str, ...], str]] = [
    ((AS,), "Hashtag manuallyApprovesFollowers movedTo quoteUrl sensitive copiedTo"),
    (
        _TOOT,
        "Emoji IdentityProof attributionDomains blurhash discoverable featured featuredTags focalPoint "
        "indexable memorial showFeatured showMedia showRepliesInMedia suspended votersCount",
    ),
    (_OSTATUS, "atomUri conversation inReplyToAtomUri"),
    (_SCHEMAS, "PropertyValue value identifier"),
    (
        _MISSKEY,
        "_misskey_content _misskey_followedMessage _misskey_quote _misskey_reaction _misskey_summary _misskey_talk "
        "_misskey_votes isCat",
    ),
    (_LITEPUB, "ChatMessage EmojiReact capabilities directMessage"),
    (
        _GTS,
        "AnnounceRequest LikeRequest ReplyRequest always approvedBy automaticApproval canAnnounce canLike canReply "
        "interactionPolicy manualApproval",
    ),
    ((*_GTS, *_TOOT), "canFeature canQuote"),
    (_QUOTES, "QuoteAuthorization QuoteRequest quote quoteAuthorization"),
    (_FEDIBIRD, "emojiReactions quoteUri"),
    ((SEC,), "Key Multikey assertionMethod authentication controller proof publicKeyMultibase"),
    (("https://purl.archive.org/socialweb/webfinger#",), "webfinger"),
    (("https://joinpeertube.org/ns#",), "aspectRatio properties"),
    (("https://w3id.org/fep/ef61#",), "aliases"),
    (_TOOT, "EmojiReaction FeatureAuthorization FeatureRequest featuredObject featuredCollections FeaturedCollection"),
    ((AS,), "Lock"),
]

FIXED: Table = {**_SECURITY, **_ACTIVITY_STREAMS}
"""Terms that mean exactly this, coercion and all."""

KNOWN: dict[str, frozenset[str]] = {
    name: frozenset(base + name for base in bases) for bases, names in _EXTENSIONS for name in names.split()
}
"""Further terms that our reading knows, by the IRIs that they may stand for."""
KNOWN["language"] = frozenset(f"{base}inLanguage" for base in _SCHEMAS)

OWNED: frozenset[str] = frozenset(term.iri for term in FIXED.values()) | frozenset().union(*KNOWN.values())
"""IRIs that no other term may stand for."""

MANY = frozenset(
    {
        "alsoKnownAs", "anyOf", "assertionMethod", "attachment", "attributionDomains", "audience", "authentication",
        "bcc", "bto", "canAnnounce", "canFeature", "canLike", "canQuote", "canReply", "always", "approvalRequired",
        "automaticApproval", "manualApproval", "aliases", "cc", "capabilities", "focalPoint", "icon", "image", "items",
        "oneOf", "orderedItems", "preview", "properties", "publicKey", "streams", "tag", "to", "url", "emojiReactions",
    }
)  # fmt: skip
"""Known terms with any number of values, whose order is not signed; of the others we read one."""

ONLY_IDS = frozenset(
    {
        "actor", "alsoKnownAs", "atomUri", "attributedTo", "audience", "bcc", "bto", "cc", "controller", "current",
        "featured", "featuredTags", "followers", "following", "href", "inReplyTo", "inReplyToAtomUri", "inbox",
        "movedTo", "next", "outbox", "owner", "partOf", "prev", "sharedInbox", "to",
    }
)  # fmt: skip
"""Terms that name a thing and never hold its description."""
