"""Check of mail, where it is set up: as far as signing in at the mail server; no letter is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dassie.adapters.mail_smtp import SmtpMail
from dassie.cli.findings import Finding, fail, ok
from dassie.config import Config
from dassie.domain.errors import RemoteFailed


async def check_mail(config: Config) -> AsyncIterator[Finding]:
    """Whether letters can be handed in."""
    mail = SmtpMail(config)
    if not mail.on:
        yield ok("Mail: not set up; nothing here needs it")
        return
    try:
        await mail.check()
    except RemoteFailed as error:
        yield fail("Mail", f"{error.safe}.", str(error.details.get("cure", "")))
        return
    yield ok(f"Mail: {config.smtp_server} takes letters from {config.sender}")
