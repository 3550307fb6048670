"""Whether a client has already what it asks for: entity tags (RFC 9110 sections 8.8.3 and 13.1.2)."""

from __future__ import annotations

import re
from hashlib import sha256

MAX_HEADER = 8_000
_TAG = re.compile(r'(?:W/)?("[^"]*")|([^\s,"]+)')


def etag_of(body: bytes) -> str:
    """A strong tag made of the content."""
    return f'"{sha256(body).hexdigest()[:20]}"'


def has_it(if_none_match: str, etag: str) -> bool:
    """Whether `If-None-Match` names this tag: a list of tags, compared weakly, or `*` for anything that exists."""
    if not if_none_match:
        return False
    if if_none_match == etag or if_none_match.strip() == "*":
        return True
    bare = etag.removeprefix("W/")
    for found in _TAG.finditer(if_none_match[:MAX_HEADER]):
        if found[1] == bare or (found[2] and f'"{found[2]}"' == bare):  # some clients forget the quotes
            return True
    return False
