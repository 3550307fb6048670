"""Mastodon.py signs somebody up at a running server, which an owner opened by command; `details` of what is wrong."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from mastodon import Mastodon

from client_server import Served
from strict_client import StrictMastodon, trusting_session

pytestmark = [
    pytest.mark.slow,
    # Mastodon.py asks the first version of the instance document by itself, to learn the server's version
    pytest.mark.filterwarnings("ignore::mastodon.errors.MastodonDeprecationWarning"),
]


def registrations(served: Served, mode: str) -> None:
    words = [sys.executable, "-m", "dassie", "registrations", mode, "--data", served.options["data"]]
    subprocess.run(words, check=True, capture_output=True, timeout=60)


@pytest.fixture
def newcomer(served: Served) -> Iterator[StrictMastodon]:
    registrations(served, "open")
    session = trusting_session(served)
    session.headers["X-Forwarded-For"] = served.address()
    id, secret = Mastodon.create_app("Newcomer", api_base_url=served.base, session=session)
    session.close()
    api = StrictMastodon(served, client_id=id, client_secret=secret)
    yield api
    api.session.close()
    registrations(served, "none")


def test_somebody_signs_up_and_posts(newcomer: StrictMastodon) -> None:
    token, wrong = newcomer.create_account("root", "short", "no address", return_detailed_error=True)
    assert token is None
    codes = {name: [one.error for one in found] for name, found in wrong.details.items() if found}
    assert codes == {
        "username": ["ERR_RESERVED"],
        "email": ["ERR_INVALID"],
        "password": ["ERR_TOO_SHORT"],
        "agreement": ["ERR_ACCEPTED"],
    }
    token = newcomer.create_account("pebble", "correct horse battery", "pebble@mail.test", agreement=True, locale="nl")
    assert token
    assert newcomer.me().acct == "pebble"
    assert newcomer.status_post("Here I am").account.acct == "pebble"
