"""Mastodon.py against a running server: whose notifications are held back, and Web Push subscriptions."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from mastodon import MastodonNotFoundError

from strict_client import StrictMastodon, eventually

pytestmark = [
    pytest.mark.slow,
    # Mastodon.py asks the first version of the instance document by itself, to learn the server's version
    pytest.mark.filterwarnings("ignore::mastodon.errors.MastodonDeprecationWarning"),
]


def test_strangers_are_held_back_and_let_through(ana: StrictMastodon, ben: StrictMastodon) -> None:
    assert ana.notifications_policy().for_private_mentions == "filter"
    assert ana.update_notifications_policy(for_not_following="filter").for_not_following == "filter"
    status = ben.status_post(f"@{ana.me().acct} hello")
    [asked] = eventually(ana.notification_requests)
    assert (asked.account.id, asked.last_status.id) == (ben.me().id, status.id)
    assert ana.notifications() == []
    assert ana.notifications_policy().summary.pending_requests_count == 1
    assert ana.notification_request(asked.id).id == asked.id
    ana.accept_notification_request(asked.id)
    eventually(ana.notifications_merged)
    assert [one.status.id for one in ana.notifications()] == [status.id]
    again = ben.status_post(f"@{ana.me().acct} good to be here")
    eventually(lambda: ana.notifications()[0].status.id == again.id)


def test_several_are_dismissed_at_once(ana: StrictMastodon, ben: StrictMastodon) -> None:
    ben.status_post(f"@{ana.me().acct} psst", visibility="direct")
    asked = eventually(ana.notification_requests)
    ana.dismiss_multiple_notification_requests([one.id for one in asked])
    assert ana.notification_requests() == []
    with pytest.raises(MastodonNotFoundError):
        ana.dismiss_notification_request(asked[0].id)


def test_a_push_subscription_is_made_changed_and_ended(ana: StrictMastodon) -> None:
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    raw = point.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    keys = {"pubkey": raw, "auth": b"0123456789abcdef"}
    made = ana.push_subscription_set("https://push.example/1", keys, mention_events=True, policy="followed")
    assert (made.endpoint, made.alerts.mention) == ("https://push.example/1", True)
    assert len(base64.urlsafe_b64decode(made.server_key + "=" * (-len(made.server_key) % 4))) == 65
    changed = ana.push_subscription_update(poll_events=True, mention_events=False)
    assert (changed.id, changed.alerts.poll, changed.alerts.mention) == (made.id, True, False)
    assert ana.push_subscription().id == made.id
    ana.push_subscription_delete()
    with pytest.raises(MastodonNotFoundError):
        ana.push_subscription()
