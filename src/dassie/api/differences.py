"""Where this API is not what Mastodon's is, and why: for the reference and the contract test. The fewer the better."""

from __future__ import annotations

NOT_SERVED: dict[str, str] = {}
"""Endpoints that are not here, in the words of Mastodon's documentation."""

NOT_TAKEN: dict[str, dict[str, str]] = {
    "GET /api/v2/search": {"exclude_unreviewed": "Hashtags need no review here, so that all are found."},
}
"""Parameters that are passed over."""

MORE: dict[str, str] = {
    "GET /api/v2/notifications": "`account_id` chooses the sender, as is documented; Mastodon passes it over.",
    "GET /api/v1/notifications": "Also tells of annual reports, which Mastodon documents for groups alone.",
    "GET /.well-known/oauth-authorization-server": "Also says where and how tokens are introspected (RFC 7662).",
}
"""Answers with parts that Mastodon's have not."""

CONDUCT: dict[str, str] = {
    "600 pictures in 10 minutes by the media proxy, where somebody who lives here reads": "Nothing is fetched before "
    "somebody looks. For strangers the limit is Mastodon's 30; what is on disk counts for nobody.",
    "WebSockets are closed with 1012 or 1013": "The server stops, or the app takes events far too slowly: it should "
    "connect again. Mastodon cuts the line, or keeps what is not taken.",
    "`filters_changed` is heard": "Mastodon documents the event, and its streaming loses it.",
}
"""What is told otherwise, or more."""

OUR_OWN = "/api/dassie/"
OWN_REASON = "Relays are looked after there, for which Mastodon has no API."
