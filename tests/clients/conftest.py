"""One running server for all tests of real apps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from client_server import Served, serve


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`dassie up` in its own process; every test takes its own people from it."""
    with serve(tmp_path_factory.mktemp("apps")) as running:
        yield running
