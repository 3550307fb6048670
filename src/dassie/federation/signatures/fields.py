"""Structured header fields (RFC 8941), as far as signatures need them.

Dictionaries of items and inner lists; strings, tokens, integers, booleans and byte sequences. Decimals
are refused, and so are repeated names: the RFC lets the last one win, but two readers that disagree on
which one counts are how signatures get forged.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dassie.federation.signatures.errors import BadSignature

MAX_TEXT = 8_192
MAX_MEMBERS = 16
MAX_ITEMS = 64
MAX_PARAMS = 16

_KEY = re.compile(r"[a-z*][a-z0-9_.*-]*")
_STRING = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_ESCAPED = re.compile(r"\\(.)")
_TO_ESCAPE = re.compile(r'(["\\])')
_BYTES = re.compile(r":([A-Za-z0-9+/=]*):")
_INTEGER = re.compile(r"-?[0-9]{1,15}(?![0-9.])")
_BOOLEAN = re.compile(r"\?([01])")
_TOKEN = re.compile(r"[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*")
_SPACES = re.compile(r" *")
_BLANKS = re.compile(r"[ \t]*")
_PRINTABLE = re.compile(r"[ -~]*")


class Token(str):
    """A word without quotes; a plain `str` is a quoted string."""

    __slots__ = ()


BareItem = Token | str | int | bytes | bool


@dataclass(frozen=True, slots=True)
class Item:
    """A value and its parameters."""

    value: BareItem
    params: Mapping[str, BareItem] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InnerList:
    """Values in brackets, and the parameters of the whole."""

    items: tuple[Item, ...]
    params: Mapping[str, BareItem] = field(default_factory=dict)


def parse_dictionary(text: str) -> dict[str, Item | InnerList]:
    """The members of a dictionary field in their order; raises `BadSignature` on anything else."""
    if len(text) > MAX_TEXT:
        raise BadSignature("malformed", "A structured header is too long")
    return _Reader(text.strip(" ")).dictionary()


def inner_list_text(members: InnerList) -> str:
    """The list as RFC 8941 section 4.1.1.1 writes it, which is what RFC 9421 signs."""
    return "(" + " ".join(item_text(item) for item in members.items) + ")" + _params_text(members.params)


def item_text(item: Item) -> str:
    """The item as RFC 8941 section 4.1.3 writes it."""
    return _bare_text(item.value) + _params_text(item.params)


class _Reader:
    """Reads from left to right and never back, so the work grows with the text only."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def dictionary(self) -> dict[str, Item | InnerList]:
        members: dict[str, Item | InnerList] = {}
        while self.at < len(self.text):
            key = self.need(_KEY)[0]
            if key in members or len(members) >= MAX_MEMBERS:
                raise self.malformed()
            members[key] = self.member() if self.skip("=") else Item(True, self.params())
            self.take(_BLANKS)
            if self.at == len(self.text):
                break
            if not self.skip(","):
                raise self.malformed()
            self.take(_BLANKS)
            if self.at == len(self.text):
                raise self.malformed()  # a comma at the end promises one more
        return members

    def member(self) -> Item | InnerList:
        return self.inner_list() if self.skip("(") else self.item()

    def inner_list(self) -> InnerList:
        items: list[Item] = []
        self.take(_SPACES)
        while not self.skip(")"):
            if len(items) >= MAX_ITEMS or (items and self.text[self.at - 1] != " "):
                raise self.malformed()
            items.append(self.item())
            self.take(_SPACES)
        return InnerList(tuple(items), self.params())

    def item(self) -> Item:
        return Item(self.bare_item(), self.params())

    def params(self) -> dict[str, BareItem]:
        params: dict[str, BareItem] = {}
        while self.skip(";"):
            self.take(_SPACES)
            key = self.need(_KEY)[0]
            if key in params or len(params) >= MAX_PARAMS:
                raise self.malformed()
            params[key] = self.bare_item() if self.skip("=") else True
        return params

    def bare_item(self) -> BareItem:
        if found := self.take(_STRING):
            return _ESCAPED.sub(r"\1", found[1])
        if found := self.take(_BYTES):
            try:
                return base64.b64decode(found[1], validate=True)
            except binascii.Error:
                raise self.malformed() from None
        if found := self.take(_INTEGER):
            return int(found[0])
        if found := self.take(_BOOLEAN):
            return found[1] == "1"
        return Token(self.need(_TOKEN)[0])

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def need(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = self.take(pattern)
        if found is None:
            raise self.malformed()
        return found

    def skip(self, char: str) -> bool:
        if self.text[self.at : self.at + 1] != char:
            return False
        self.at += 1
        return True

    def malformed(self) -> BadSignature:
        return BadSignature("malformed", "A structured header cannot be read", at=self.at)


def _params_text(params: Mapping[str, BareItem]) -> str:
    return "".join(f";{key}" if value is True else f";{key}={_bare_text(value)}" for key, value in params.items())


def _bare_text(value: BareItem) -> str:
    if isinstance(value, bool):
        return "?1" if value else "?0"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return ":" + base64.b64encode(value).decode("ascii") + ":"
    if isinstance(value, Token):
        return value
    if not _PRINTABLE.fullmatch(value):
        raise ValueError("a structured string holds printable ASCII only")
    return '"' + _TO_ESCAPE.sub(r"\\\1", value) + '"'
