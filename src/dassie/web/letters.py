"""Letters: what each kind says, told in the receiver's language when it goes out.

    @letter("confirm")
    async def confirm(tx: Tx, server: Server, job: SendMail) -> Letter | None: …

None: it is not needed any more, and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dassie.domain.jobs import SendMail
from dassie.server import Server
from dassie.store.tx import Tx


@dataclass(frozen=True, slots=True)
class Quoted:
    """Somebody's words."""

    who: str
    text: str
    """Plain; lines are kept."""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. All of it is plain text; the HTML is made around it."""

    subject: str
    lines: list[str]
    """Paragraphs before the button."""
    button: tuple[str, str] | None = None
    """Its words and its address."""
    quoted: Quoted | None = None
    after: list[str] | None = None
    """Paragraphs after the button."""
    unsubscribe: str = ""
    """An address that ends such letters at one POST without a sign-in (RFC 8058), and shows a page to who opens it."""


Maker = Callable[[Tx, Server, SendMail], Awaitable[Letter | None]]
LETTERS: dict[str, Maker] = {}


def letter(name: str) -> Callable[[Maker], Maker]:
    """Register what writes the letter of this name."""

    def register(maker: Maker) -> Maker:
        LETTERS[name] = maker
        return maker

    return register
