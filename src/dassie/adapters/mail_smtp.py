"""Mail over SMTP (RFC 5321), by the standard library's client in a thread: letters are few, nobody waits for them."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
from collections.abc import Callable

from dassie.config import MAIL_TLS, Config
from dassie.domain.addresses import wire_form
from dassie.domain.errors import MailRefused, RemoteFailed

PATIENCE = 15.0
"""Seconds for each step of the talk."""
AT_ONCE = 2


class SmtpMail:
    """Hands letters to one mail server. A connection per letter."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._turns = asyncio.Semaphore(AT_ONCE)

    @property
    def on(self) -> bool:
        """Whether a mail server is named."""
        return bool(self._config.smtp_server)

    async def send(self, to: str, message: bytes) -> None:
        """Hand in a message for one address; raises `MailRefused` or `RemoteFailed`."""
        address = wire_form(to)
        if address is None:
            raise MailRefused("This is no mail address that can be written to.")
        sender = self._config.sender
        await self._talk(lambda client: client.sendmail(sender, [address], message))

    async def check(self) -> None:
        """Go as far as signing in; raises `RemoteFailed` with a `cure`."""
        await self._talk(lambda client: client.noop())

    async def _talk(self, say: Callable[[smtplib.SMTP], object]) -> None:
        if not self.on:
            raise MailRefused("This server sends no mail: smtp_server is not set.")
        async with self._turns:
            await asyncio.to_thread(self._in_thread, say)

    def _in_thread(self, say: Callable[[smtplib.SMTP], object]) -> None:
        try:
            with self._opened() as client:
                say(client)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            if code >= 500:
                raise MailRefused(f"The mail server refused the address: {code} {_words(words)}") from error
            raise self._failed(smtplib.SMTPResponseException(code, words)) from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise self._failed(error) from error

    def _opened(self) -> smtplib.SMTP:
        config = self._config
        port = config.smtp_port or MAIL_TLS[config.smtp_tls]
        name = config.domain.rsplit(":", 1)[0]
        context = ssl.create_default_context()  # honours SSL_CERT_FILE
        client: smtplib.SMTP
        if config.smtp_tls == "tls":
            client = smtplib.SMTP_SSL(config.smtp_server, port, name, timeout=PATIENCE, context=context)
        else:
            client = smtplib.SMTP(config.smtp_server, port, name, timeout=PATIENCE)
        try:
            if config.smtp_tls == "starttls":
                client.starttls(context=context)
            if config.smtp_login:
                client.login(config.smtp_login, config.smtp_password)
        except BaseException:
            client.close()
            raise
        return client

    def _failed(self, error: Exception) -> RemoteFailed:
        config = self._config
        where = f"{config.smtp_server}:{config.smtp_port or MAIL_TLS[config.smtp_tls]}"
        code = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None
        kind, cause, cure = explain(error)
        return RemoteFailed(f"{where} {cause}", kind=kind, code=code, cure=cure)


def explain(error: Exception) -> tuple[str, str, str]:
    """What failed in one word of `FAILURE_KINDS`, in a sentence that follows the server's name, and what to do."""
    match error:
        case smtplib.SMTPAuthenticationError():
            cure = "Correct smtp_login and smtp_password; many mail services want a password made for one app."
            return "http", f"refused the login: {error.smtp_code} {_words(error.smtp_error)}", cure
        case smtplib.SMTPSenderRefused():
            cure = "Set mail_from to an address that this mail server lets you send from."
            return "http", f"refused the sender: {error.smtp_code} {_words(error.smtp_error)}", cure
        case smtplib.SMTPResponseException():
            cure = "Ask whoever runs the mail server what it means; letters wait and are tried again."
            return "http", f"answered {error.smtp_code} {_words(error.smtp_error)}", cure
        case smtplib.SMTPNotSupportedError():
            cure = "Set smtp_tls to tls (port 465) or, for a mail server on this machine, to none."
            return "tls", f"cannot do what is asked of it: {error}", cure
        case ssl.SSLCertVerificationError():
            cure = "Name the mail server as its certificate does, or name its authority in SSL_CERT_FILE."
            return "tls", f"has a certificate that is not trusted: {error.verify_message}", cure
        case ssl.SSLError():
            cure = "Try smtp_tls = starttls with port 587, or smtp_tls = tls with port 465."
            return "tls", f"does not speak TLS as asked: {error.reason}", cure
        case socket.gaierror():
            return "name", "has a name that nobody knows", "Correct smtp_server; check that DNS works here."
        case TimeoutError():
            cure = "Check smtp_server and smtp_port; many providers block port 25, 587 or 465 works there."
            return "timeout", "did not answer in time", cure
        case smtplib.SMTPServerDisconnected():
            cure = "Check smtp_port and smtp_tls: starttls goes with 587, tls with 465."
            return "connect", f"hung up: {error}", cure
        case _:
            cure = "Check smtp_server and smtp_port, and that the mail server runs."
            return "connect", f"cannot be reached: {error}", cure


def _words(said: bytes | str) -> str:
    """What the mail server said, short and on one line."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:300]
