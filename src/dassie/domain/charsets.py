"""The text of a page in whatever character set it was written: as announced, as it says itself, or as it reads."""

from __future__ import annotations

import codecs
import re

LOOKED_AT = 4_096
"""A page says within so many bytes how it is written; browsers look at 1,024."""

LONG = 100_000
"""A page of so many bytes may not have been read to its end."""

_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{2,40})", re.IGNORECASE)
_IN_PAGE = re.compile(
    rb"<(?:meta\b[^>]{0,500}?charset|\?xml\b[^>]{0,200}?encoding)\s*=\s*[\"']?([A-Za-z0-9._:-]{2,40})", re.IGNORECASE
)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# What is called Latin 1 or ASCII is Windows' set in truth (WHATWG Encoding section 4.2), and so on.
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_STATELESS = re.compile(r"(?:utf-8|utf-16|cp|iso8859|koi8|gb18030|euc|big5|mac|tis)")


def decode(body: bytes, content_type: str = "") -> str:
    """The page as text, without a byte order mark. Never raises: what cannot be read becomes U+FFFD."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    announced = _IN_HEADER.search(content_type)
    itself = _IN_PAGE.search(body[:LOOKED_AT])
    told = [announced[1]] if announced else []
    if itself:
        told.append(itself[1].decode("ascii"))
    names = [known for name in told if (known := _known(name))]
    if _reads_as_utf8(body):
        return body.decode("utf-8", "replace")  # hardly anything else does by chance, and many announce wrongly
    for name in names:
        if name != "utf-8":
            return body.decode(name, "replace")
    return body.decode("utf-8" if names else "cp1252", "replace")


def _known(name: str) -> str | None:
    """The codec of this name, if it is a character set in which pages are written."""
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return None
    if found == "utf-16":
        return None  # a page that could say so in ASCII is not written in it
    meant = _MEANT.get(found, found)
    return meant if _STATELESS.match(meant) else None


def _reads_as_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(body) >= LONG and error.start > len(body) - 4  # the last character was cut in two
    return True
