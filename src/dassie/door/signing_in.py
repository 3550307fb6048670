"""Signing in through a door: the limits on trying."""

from __future__ import annotations

from typing import Literal

from dassie.door.limits import SIGN_IN_ADDRESS, SIGN_IN_USER, Limits
from dassie.door.request import Request
from dassie.server import Server
from dassie.services import signing_in


async def sign_in(server: Server, limits: Limits, request: Request, name_or_email: str, password: str) -> str:
    """The token of a new browser session; raises what `services.signing_in.sign_in` does."""

    def count(kind: Literal["address", "user"], who: str) -> None:
        if kind == "address":
            limits.count(SIGN_IN_ADDRESS, request.client_group, server.clock.now())
        else:
            limits.count(SIGN_IN_USER, who, server.clock.now())

    return await signing_in.sign_in(
        server,
        name_or_email,
        password,
        ip=request.client,
        user_agent=request.headers.get("user-agent", ""),
        count=count,
    )
