"""`dassie config` and `dassie version`."""

from __future__ import annotations

from dassie import __version__
from dassie.cli.options import Data, DatabaseUrl, Domain, settings


def config(data: Data = None, domain: Domain = None, database_url: DatabaseUrl = None) -> None:
    """Print the effective settings; secrets are masked."""
    found = settings(data=data, domain=domain, database_url=database_url)
    for name, value in found.masked().items():
        print(f"{name} = {value}" if value else f"{name} =")
    print(f"# public address: {found.base}")


def version() -> None:
    """Print the version."""
    print(f"dassie {__version__}")
