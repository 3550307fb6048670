"""Writes letters out as mail (RFC 5322): plain text, and the same as HTML; and hands them in."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

import structlog

from dassie.domain.addresses import wire_form
from dassie.domain.errors import GiveUp, MailRefused
from dassie.domain.jobs import SendMail
from dassie.jobs.current import current
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.store import settings
from dassie.web import texts
from dassie.web.letters import LETTERS, Letter
from dassie.web.rendering import render_letter

log = structlog.get_logger("mail")

# Seven bits go through every mail server; lines are long since folding an address would break it.
POLICY = SMTP.clone(cte_type="7bit", max_line_length=900)
MOST_SUBJECT = 200
MOST_NAME = 80


@handles(SendMail)
async def send_mail(server: Server, job: SendMail) -> None:
    """Send one letter, unless it is not needed any more or its address is refused."""
    make = LETTERS.get(job.letter)
    if make is None:
        raise GiveUp(f"there is no letter named {job.letter}")
    lang = texts.choose("", job.locale)
    texts.use(lang)
    async with server.read() as tx:
        letter = await make(tx, server, job)
        title = (await settings.instance(tx)).title or server.urls.domain
        now = tx.now
    if letter is None:
        return
    try:
        message = write(server, letter, job.to, title=title, lang=lang, at=now)
        await server.mail.send(job.to, message)
    except MailRefused as error:
        log.info("a letter was refused", letter=job.letter, why=error.safe)
        server.counters.add("mail.refused")
        return
    server.counters.add("mail.sent")


def write(server: Server, letter: Letter, to: str, *, title: str, lang: str, at: datetime) -> bytes:
    """The message as it goes to the mail server. The same job makes the same Message-ID however often it is tried."""
    address = wire_form(to)
    if address is None:
        raise MailRefused("This is no mail address that can be written to.")
    message = EmailMessage(policy=POLICY)
    message["Subject"] = _line(letter.subject, MOST_SUBJECT)
    message["From"] = Address(_line(title, MOST_NAME), addr_spec=server.config.sender)
    message["To"] = address
    message["Date"] = format_datetime(at)
    message["Message-ID"] = _message_id(server)
    message["Content-Language"] = lang
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: out-of-office answers are not wanted
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    values = {"letter": letter, "title": title, "base": server.urls.base, "lang": lang, "dir": texts.direction(lang)}
    message.set_content(render_letter("letters/letter.txt", **values))
    message.add_alternative(render_letter("letters/letter.html", **values), subtype="html")
    return message.as_bytes()


def _message_id(server: Server) -> str:
    domain = server.config.sender.rpartition("@")[2]
    running = current.get()
    return f"<{running.job.id}.letter@{domain}>" if running is not None else make_msgid(domain=domain)


def _line(text: str, most: int) -> str:
    """One line without control characters: nothing in it can begin another header."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())[:most]
