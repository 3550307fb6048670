"""Fundraising banners: this server has none to show, and says so as Mastodon does where none is on."""

from __future__ import annotations

from dassie.api.entities.shapes import Empty
from dassie.api.routing import Call, Reply, get
from dassie.door import taking as take


@get(
    "/api/v1/donation_campaigns",
    user=True,
    takes=[take.text("locale", most=20), take.integer("seed")],
    codes={204: "There is none"},
)
async def donation_campaigns(call: Call) -> Reply[Empty | bytes]:
    """No campaign is ever put forward here: nobody asks this server's people for money in its name."""
    return Reply(b"", 204)
