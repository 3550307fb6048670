"""Names of servers, as people write them."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 253
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?", re.ASCII)


def normal_domain(text: str) -> str | None:
    """The domain in lower-case ASCII, out of a bare name, a handle or an address; None where there is none.

    Names in other scripts become punycode (RFC 5891), since that is how servers call each other.
    """
    name = unicodedata.normalize("NFKC", text[:1000]).strip().lower()
    name = name.partition("://")[2] or name
    name = name.partition("/")[0].rpartition("@")[2].rstrip(".")
    name, _, port = name.partition(":")
    if port and not (port.isascii() and port.isdigit() and len(port) <= 5):
        return None
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    if not name or len(name) > LONGEST or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        return None
    return f"{name}:{port}" if port else name
