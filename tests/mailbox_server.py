"""A mail server on 127.0.0.1 for tests, which keeps what it takes.

async with Mailbox() as box:
    …                        # settings: box.settings
    letter = box.letters[0]  # an EmailMessage, with `box.text(letter)`
"""

from __future__ import annotations

import asyncio
import re
import ssl
import warnings
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # aiosmtpd 1.4.6 asks for things that Python is about to drop
    from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Mailbox:
    """`refuse`: what the server says to every recipient; `tls`: it speaks STARTTLS, and nothing without it."""

    def __init__(self, *, refuse: str = "", tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None):
        self.refuse = refuse
        self.letters: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.raw: list[bytes] = []
        self.secure: list[bool] = []
        self.port = 0
        self._tls = tls
        self._login = login
        self._server: asyncio.Server | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """For the server that is to send here."""
        return {"smtp_server": "127.0.0.1", "smtp_port": self.port, "smtp_tls": "starttls" if self._tls else "none"}

    @staticmethod
    def text(letter: EmailMessage) -> str:
        """The plain part."""
        part = letter.get_body(("plain",))
        assert isinstance(part, EmailMessage)
        return str(part.get_content())

    @staticmethod
    def html(letter: EmailMessage) -> str:
        """The same as HTML."""
        part = letter.get_body(("html",))
        assert isinstance(part, EmailMessage)
        return str(part.get_content())

    def to(self, address: str) -> list[EmailMessage]:
        """What came for an address, oldest first."""
        return [letter for letter in self.letters if letter["To"] == address]

    def link(self, letter: EmailMessage, base: str = "https://here.test") -> str:
        """The path of the first link that leads further than to the front page."""
        found = re.search(rf"{re.escape(base)}(/\S+)", self.text(letter))
        assert found is not None, self.text(letter)
        return found[1]

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    def _protocol(self) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return SMTP(
                self,
                hostname="mail.test",
                tls_context=self._tls,
                require_starttls=self._tls is not None,
                authenticator=self._authenticate if self._login else None,
                auth_required=self._login is not None,
                loop=asyncio.get_running_loop(),
            )

    # What aiosmtpd calls ---------------------------------------------------------------------------

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> Any:
        known = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == self._login
        return AuthResult(success=known, handled=False)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.raw.append(envelope.content)
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        self.secure.append(session.ssl is not None)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"
