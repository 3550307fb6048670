"""Mail addresses: what may be one, and its form on the wire."""

from __future__ import annotations

import re

LONGEST = 254
"""RFC 5321 section 4.5.3.1 with the brackets taken off."""
# Nothing that means something in a header or an SMTP command: quoted local parts are left out on purpose.
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}", re.IGNORECASE | re.ASCII)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE | re.ASCII)


def is_address(text: str) -> bool:
    """Whether this is one plain mail address, without a name around it."""
    return wire_form(text) is not None


def wire_form(text: str) -> str | None:
    """The address with its domain in ASCII (IDNA), as mail servers take it; None where it cannot be one."""
    local, at, domain = text.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        return None
    try:
        ascii_domain = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    except UnicodeError:
        return None
    labels = ascii_domain.split(".")
    whole = f"{local}@{ascii_domain}"
    if len(whole) > LONGEST or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    return whole
