"""Names that strangers cannot take: they would seem to speak for the server."""

from __future__ import annotations

from dassie.domain.words import words

RESERVED = words(
    "abuse account accounts admin administration administrator api autoconfig autodiscover billing bot contact "
    "dassie dns everyone federation fediverse ftp help helpdesk here host hostmaster imap info instance legal mail "
    "mastodon mod moderation moderator moderators news newsletter no_reply nobody noc noreply notifications official "
    "owner pop3 postmaster press privacy relay report root sales security server service smtp ssl staff status "
    "support sysadmin system team usenet webmaster www"
)


def is_reserved(username: str) -> bool:
    """Whether a stranger may not call themselves so; underscores at the ends make no difference."""
    return username.lower().strip("_") in RESERVED
