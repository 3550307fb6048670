"""`python -m dassie`."""

from __future__ import annotations

from dassie.cli.main import run

if __name__ == "__main__":
    run()
