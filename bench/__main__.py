"""`python -m bench [ingest] [read] [fanout] [surge] [idle] [flood]`: all without a name. PG_URL adds PostgreSQL."""

from __future__ import annotations

import os
import sys

import uvloop

from bench import fanout, flood, idle, ingest, read, report, surge

ALL = {
    "idle": idle.run,
    "ingest": ingest.run,
    "read": read.run,
    "fanout": fanout.run,
    "surge": surge.run,
    "flood": flood.run,
}


async def main(names: list[str]) -> None:
    """Run the chosen measurements on SQLite, and on PostgreSQL where PG_URL is set."""
    print(report.machine())
    urls = [("sqlite", "")] + ([("postgresql", os.environ["PG_URL"])] if os.environ.get("PG_URL") else [])
    for name in names or list(ALL):
        for kind, url in urls:
            await ALL[name](kind, url)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1:]))
