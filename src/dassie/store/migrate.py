"""Bring the database to this version: Alembic writes the SQL, our own connection runs it in one transaction."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from sqlalchemy import column, select, table

from dassie.domain.errors import Invalid
from dassie.store.dialect import DIALECTS
from dassie.store.tx import Database, Query

SCRIPTS = Path(__file__).parent.parent / "migrations"
HEAD = "0001"
"""The newest revision; a test holds it against the scripts. Spares every start the import of Alembic."""

_VERSION = Query(str, select(column("version_num")).select_from(table("alembic_version")))


async def current(db: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    async with db.read() as tx:
        try:
            return await tx.one(_VERSION)
        except Exception as error:
            if "alembic_version" in str(error):
                return None
            raise


async def migrate(db: Database) -> bool:
    """Apply what is missing; whether anything was. Refuses a database that a newer dassie wrote."""
    at = await current(db)
    if at == HEAD:
        return False
    await db.script(_script(db.name, at))
    return True


def _script(name: str, at: str | None) -> str:
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    out = io.StringIO()

    def steps(revision: Any, context: Any) -> Any:
        return scripts._upgrade_revs(HEAD, revision)

    context = MigrationContext.configure(
        dialect=DIALECTS[name],
        opts={
            "as_sql": True,
            "output_buffer": out,
            "starting_rev": at,
            "fn": steps,
            "transactional_ddl": False,
        },
    )
    from alembic.operations import Operations

    try:
        with Operations.context(context):
            context.run_migrations()
    except CommandError as error:
        raise Invalid(
            f"The database is at revision {at}, which this dassie does not know. Use a newer dassie."
        ) from error
    return out.getvalue()
