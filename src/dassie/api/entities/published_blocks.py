"""The DomainBlock entity: a server that this one keeps away, as it is published."""

from __future__ import annotations

from typing import Annotated, TypedDict

from dassie.api.entities.shapes import Shape, Words
from dassie.domain.server_blocks import ServerBlock


class DomainBlock(TypedDict):
    """A limited or suspended server."""

    domain: str
    digest: Annotated[str, Shape(pattern="^[0-9a-f]{64}$")]
    severity: Annotated[str, Words("silence", "suspend")]
    comment: str | None


def show_block(block: ServerBlock, *, reasons: bool) -> DomainBlock:
    """A block; `reasons`: who asks may know why."""
    return {
        "domain": block.shown_domain,
        "digest": block.digest,
        "severity": block.severity,
        "comment": (block.public_comment or None) if reasons else None,
    }
