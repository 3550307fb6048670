"""Letters to those who read somebody by mail: asking the address, and the posts."""

from __future__ import annotations

from dassie.domain.html import to_text
from dassie.domain.ids import parse_id
from dassie.domain.jobs import SendMail
from dassie.server import Server
from dassie.services import subscribing_by_mail
from dassie.store import accounts, email_subscriptions, statuses
from dassie.store.email_subscriptions import Subscription
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusView
from dassie.web.letters import Letter, Quoted, letter
from dassie.web.texts import gettext as _

POSTS = 10
LONGEST = 2_000


@letter("subscription_confirm")
async def ask(tx: Tx, server: Server, job: SendMail) -> Letter | None:
    """Whether the address wants them at all."""
    found = await _wanted(tx, server, job)
    if found is None or found[0].confirmed_at is not None:
        return None
    subscription, account = found
    token = subscribing_by_mail.token_of(server, subscription)
    who = {"name": account.shown_name, "handle": f"{account.username}@{server.urls.domain}"}
    return Letter(
        subject=_("Posts of %(name)s by mail?") % who,
        lines=[
            _("Somebody, hopefully you, wants to get the public posts of %(name)s (@%(handle)s) at this address.")
            % who,
            _("They come together, at most once an hour. Every letter says how to end it."),
        ],
        button=(_("Yes, send them"), f"{server.urls.base}/email_subscriptions/confirmation?confirmation_token={token}"),
        after=[_("If it was not you, do nothing: without this no posts are sent, and the address is forgotten.")],
    )


@letter("subscription_posts")
async def posts(tx: Tx, server: Server, job: SendMail) -> Letter | None:
    """What was posted since the letter before; posts that are gone meanwhile are left out."""
    found = await _wanted(tx, server, job)
    if found is None or found[0].confirmed_at is None:
        return None
    subscription, account = found
    bounds = {name: parse_id(job.about.get(name, "")) or 0 for name in ("after", "upto")}
    ids = await email_subscriptions.posts(tx, account.id, most=POSTS, **bounds)
    shown = await statuses.show(tx, ids, viewer=None)
    if not shown:
        return None
    addresses = {one.id: server.urls.status(account.username, one.id) for one in shown}
    newest, *others = shown
    told = [f"{_text(one)}\n{addresses[one.id]}" for one in others]
    token = subscribing_by_mail.token_of(server, subscription)
    name = account.shown_name
    return Letter(
        subject=_("%(name)s posted") % {"name": name} if not others else _("New posts of %(name)s") % {"name": name},
        lines=[],
        quoted=Quoted(name, _text(newest), addresses[newest.id]),
        button=(_("Open the profile"), server.urls.profile(account.username)),
        after=[*told, _("You get these because this address asked for them.")],
        unsubscribe=f"{server.urls.base}/email_subscriptions/{token}/unsubscribe",
    )


async def _wanted(tx: Tx, server: Server, job: SendMail) -> tuple[Subscription, AccountView] | None:
    """Of whom the letter is, where that is still wanted and offered."""
    id = parse_id(job.about.get("subscription", ""))
    found = await email_subscriptions.by_id(tx, id) if id is not None else None
    account = await accounts.by_id(tx, found.account_id) if found is not None else None
    if found is None or account is None or found.email != job.to:
        return None
    return (found, account) if subscribing_by_mail.is_offered(server, account) else None


def _text(status: StatusView) -> str:
    row = status.row
    words = row.spoiler_text or to_text(row.content)
    files = [one.description or _("A file without a description") for one in status.media]
    files = [] if row.spoiler_text else [f"[{one}]" for one in files]
    return "\n".join(filter(None, [words[:LONGEST], *files])) or _("A post with media")
