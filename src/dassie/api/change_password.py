"""Where password managers send people to change a password."""

from __future__ import annotations

from dassie.api.routing import Call, Reply, get


@get("/.well-known/change-password", takes=[], codes={302: "To the page."})
async def change_password(call: Call) -> Reply[bytes]:
    """Redirect to the password form."""
    return Reply(b"", 302, [("location", f"{call.urls.base}/auth/edit")], "text/plain")
