"""Where an app may have people sent back to."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from dassie.domain.errors import Invalid

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
"""No address: the code is shown on a page, to be copied."""
LONGEST = 2000
MOST = 50
FORBIDDEN_SCHEMES = frozenset({"data", "javascript", "vbscript", "file", "about", "blob", "view-source"})
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*\Z", re.IGNORECASE | re.ASCII)
_SPACE_OR_CONTROL = re.compile(r"[\x00-\x20\x7f]")


def read_redirect_uris(given: list[str]) -> list[str]:
    """The addresses of a registration: a list, or one text with an address per line. Raises `Invalid`."""
    found = list(dict.fromkeys(line.strip() for text in given for line in text.splitlines() if line.strip()))
    if not found:
        raise _problem("ERR_BLANK", "can't be blank")
    if len(found) > MOST:
        raise _problem("ERR_TOO_LONG", f"takes at most {MOST} addresses")
    for uri in found:
        _check(uri)
    return found


def with_answer(redirect_uri: str, answer: dict[str, str], mode: str) -> str:
    """The address to send a browser to, with the answer in its query or fragment."""
    parts = urlsplit(redirect_uri)
    if mode == "fragment":
        return urlunsplit(parts._replace(fragment=urlencode(answer)))
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *answer.items()])
    address = urlunsplit(parts._replace(query=query))
    if not parts.netloc and redirect_uri.startswith(f"{parts.scheme}://") and "://" not in address:
        address = address.replace(":", "://", 1)  # urlunsplit drops an empty authority, as in `app://?code=…`
    return address


def _check(uri: str) -> None:
    if uri == OUT_OF_BAND:
        return
    if len(uri) > LONGEST:
        raise _problem("ERR_TOO_LONG", f"is too long (maximum is {LONGEST} characters)")
    if _SPACE_OR_CONTROL.search(uri):
        raise _problem("ERR_INVALID", "must be an absolute URI.")
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise _problem("ERR_INVALID", "must be a valid URI.") from None
    if not _SCHEME.match(parts.scheme) or not uri[len(parts.scheme) :].startswith(":"):
        raise _problem("ERR_INVALID", "must be an absolute URI.")
    if parts.scheme.lower() in FORBIDDEN_SCHEMES:
        raise _problem("ERR_INVALID", "is forbidden by the server.")
    if parts.scheme.lower() in ("http", "https") and not parts.hostname:
        raise _problem("ERR_INVALID", "must be an absolute URI.")
    if parts.fragment or uri.endswith("#"):
        raise _problem("ERR_INVALID", "cannot contain a fragment.")


def _problem(code: str, words: str) -> Invalid:
    return Invalid(f"Validation failed: Redirect URI {words}", fields={"redirect_uri": [(code, words)]})
