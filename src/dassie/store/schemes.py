"""Which way of signing requests another server understands, as last seen."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from dassie.store.dialect import put
from dassie.store.tables import peers
from dassie.store.tx import Query, Statement, Tx, row

_OF = Query(row, select(peers.c.signature_scheme).where(peers.c.domain == bindparam("domain_is")))
_new = put(peers, "domain", "signature_scheme", "created_at")
_REMEMBER = Statement(
    _new.on_conflict_do_update(
        index_elements=[peers.c.domain], set_={"signature_scheme": _new.excluded.signature_scheme}
    )
)


async def scheme_of(tx: Tx, host: str) -> str | None:
    """`cavage` or `rfc9421`; None where nothing is known."""
    found = await tx.one(_OF, domain_is=host)
    return found[0] if found else None


async def remember(tx: Tx, host: str, scheme: str) -> None:
    """This is what worked."""
    await tx.run(_REMEMBER, domain=host, signature_scheme=scheme, created_at=tx.now)
