"""One running server for all tests of real apps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from client_server import Served, serve
from strict_client import StrictMastodon, client


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`dassie up` in its own process; every test takes its own people from it."""
    with serve(tmp_path_factory.mktemp("apps")) as running:
        yield running


@pytest.fixture
def ana(served: Served) -> Iterator[StrictMastodon]:
    yield from _checked(served)


@pytest.fixture
def ben(served: Served) -> Iterator[StrictMastodon]:
    yield from _checked(served)


def _checked(served: Served) -> Iterator[StrictMastodon]:
    api = client(served, served.person())
    yield api
    api.session.close()
    assert api.complaints == []
