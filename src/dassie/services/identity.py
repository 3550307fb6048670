"""The name this server goes by: others know its people under it, so it must not change once there are any."""

from __future__ import annotations

from dassie.domain.errors import Invalid
from dassie.server import Server
from dassie.store import logins, settings
from dassie.store.tx import Tx

KEY = "domain"


async def hold_domain(tx: Tx, server: Server) -> None:
    """Keep the domain with the database; raises `Invalid` where it changed although there are logins."""
    kept = await settings.read(tx, KEY)
    if kept == server.urls.domain:
        return
    if kept is not None and await logins.count(tx) > 0:
        raise Invalid(
            f"This data belongs to the server {kept}, but the setting domain says {server.urls.domain}. Other servers "
            f"know its people as @name@{kept}, and that cannot be changed. Set domain to {kept}, or take another "
            "data folder."
        )
    await settings.save(tx, KEY, server.urls.domain)
