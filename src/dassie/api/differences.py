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

OUR_OWN = "/api/dassie/"
OWN_REASON = "Relays are looked after there, for which Mastodon has no API."
