"""Options that several commands take, and the settings that follow from them.

A server may have been started with options alone. So that other commands speak of the same server, `up` leaves the
settings that are no secrets in `DIR/started.json`; they count less than options, environment and `dassie.toml`.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from dassie.config import Config, load
from dassie.domain.errors import Invalid

Data = Annotated[
    Path | None,
    typer.Option("--data", help="Folder with the database, media, keys and dassie.toml.", show_default=False),
]
Domain = Annotated[
    str | None, typer.Option("--domain", help="What stands behind the @ of every handle.", show_default=False)
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option("--database-url", help="postgresql://…; nothing for SQLite in the data folder.", show_default=False),
]
STARTED = "started.json"
REMEMBERED = ("domain", "base_url", "listen", "tls_cert", "tls_key", "sync")
TOLD = ("storage_budget", "storage_floor", "smtp_server", "smtp_port", "smtp_tls", "mail_from")
"""What commands must know of the server that runs, but that it does not keep from one start to the next."""


def settings(*, starting: bool = False, **options: Any) -> Config:
    """The effective settings of this command; `starting`: of a server that starts now."""
    given = {name: value for name, value in options.items() if value is not None}
    data = load_data(given)
    for name, value in _started(data).items():
        if starting and name in TOLD:
            continue
        if name not in given and f"DASSIE_{name.upper()}" not in os.environ and name not in _stored(data):
            given[name] = value
    return load(given)


def load_data(given: Mapping[str, Any]) -> Path:
    """The data folder."""
    return Path(given.get("data") or os.environ.get("DASSIE_DATA") or "data").absolute()


def remember(config: Config, *, first: bool = False) -> None:
    """Leave the settings of a server that starts for later commands; `first`: only where none are left yet."""
    if first and (config.data / STARTED).exists():
        return
    found = {name: getattr(config, name) for name in (*REMEMBERED, *TOLD)}
    values = {name: "" if value is None else str(value) for name, value in found.items()}
    path = config.data / STARTED
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({name: value for name, value in values.items() if value}, indent=1) + "\n")
    fresh.replace(path)


def _started(data: Path) -> dict[str, str]:
    try:
        found = json.loads((data / STARTED).read_text())
    except (OSError, ValueError):
        return {}
    return {name: str(found[name]) for name in (*REMEMBERED, *TOLD) if name in found}


def _stored(data: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((data / "dassie.toml").read_text())
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise Invalid(f"dassie.toml cannot be read: {error}") from error
