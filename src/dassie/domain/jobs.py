"""All background work, on one page: kinds, lanes, and how often each is tried."""

from __future__ import annotations

from datetime import timedelta
from enum import IntEnum
from typing import ClassVar, Literal

from msgspec import Struct


class Lane(IntEnum):
    """What waits together. Each lane has a guaranteed share, so none can starve another (design section 5)."""

    LOCAL = 0  # what somebody here waits for
    INBOX = 1  # from people we follow, or who address us
    DELIVER = 2  # our activities to other servers
    FETCH = 3  # asking other servers
    BULK = 4  # clean-up, statistics
    STRANGERS = 5  # what relays bring: bounded, the newest first, the oldest expire
    THREADS = 6  # reading others' threads as a whole: few at once, each takes minutes


class State(IntEnum):
    """Where a job is. Indexes name these numbers."""

    READY = 0
    SCHEDULED = 1  # run_at is ahead: planned, or waiting for the next try
    RUNNING = 2  # leased to a worker
    HELD = 3  # an earlier job with the same order key is not done
    SET_ASIDE = 4  # gave up; the admin sees it


class Job(Struct, frozen=True):
    """Base of all kinds. A kind's fields are its arguments; its class variables are its rules."""

    lane: ClassVar[Lane] = Lane.LOCAL
    attempts: ClassVar[int] = 8
    """Tries in all before the job is set aside."""
    base_delay: ClassVar[float] = 15.0
    """Seconds before the second try; later ones grow."""
    max_seconds: ClassVar[float] = 120.0
    """A try that takes longer is cancelled and counts as failed."""
    keeps: ClassVar[timedelta | None] = None
    """While its host is left in peace the job waits so long, however many tries failed. None: only its tries count."""


class Inbound(Job, frozen=True):
    """An activity that passed the signature check."""

    lane = Lane.INBOX
    attempts = 8
    signer: str
    """URI of the actor whose key signed."""
    body: str
    """The document as it came."""
    received_at: int
    """Unix milliseconds."""
    recipient: int | None = None
    """The account whose own inbox it came to."""


class Relayed(Job, frozen=True):
    """An activity that a relay passed on as its author sent it, and that was admitted."""

    lane = Lane.STRANGERS
    attempts = 3
    base_delay = 20.0
    max_seconds = 40.0
    relay_id: int
    body: str
    """The document as it came."""


class FetchRelayed(Job, frozen=True):
    """A status that a relay announced by its id, and that was admitted."""

    lane = Lane.STRANGERS
    attempts = 2
    base_delay = 60.0
    max_seconds = 40.0
    relay_id: int
    uri: str


class SampleRelayed(Job, frozen=True):
    """A status that a relay on trial announced: looked at, never kept."""

    lane = Lane.STRANGERS
    attempts = 1
    max_seconds = 30.0
    relay_id: int
    uri: str


class TellRelay(Job, frozen=True):
    """Say to a relay that we take part in it, or that we leave."""

    what: Literal["follow", "undo"]
    relay_id: int


class UndoRelay(Job, frozen=True):
    """Remove all that only this relay brought, in bounded steps."""

    lane = Lane.BULK
    attempts = 50
    max_seconds = 600.0
    relay_id: int


class EndTrial(Job, frozen=True):
    """A relay was sampled for long enough: leave it."""

    relay_id: int


class Publish(Job, frozen=True):
    """Tell other servers of a status of ours: build the activity once, fan out deliveries."""

    activity: Literal["Create", "Update", "Announce", "Quote"]
    """Quote: an Update that tells what became of the quote in it, and is no edit."""
    status_id: int


class PublishRemoval(Job, frozen=True):
    """Tell other servers that a status (Delete) or a reblog (Undo) of ours is gone. Its row is gone too."""

    account_id: int
    uri: str
    """Of the status, or of the Announce."""
    visibility: str
    inboxes: list[str]
    """Where it had gone, worked out before the row went."""
    reblog_of_uri: str | None = None


class Tell(Job, frozen=True):
    """Tell one account's server something between the two of us."""

    what: Literal[
        "follow",
        "undo_follow",
        "accept_follow",
        "reject_follow",
        "like",
        "undo_like",
        "block",
        "undo_block",
        "vote",
    ]
    account_id: int
    """Ours."""
    to_account_id: int
    """Theirs."""
    uri: str | None = None
    """Of the activity itself (follow, like, block, and what an undo undoes), or of the Follow that is answered."""
    object_uri: str | None = None
    """Of the status that is liked or voted on."""
    options: list[str] = []
    """Titles that are voted for."""


class ForwardReport(Job, frozen=True):
    """Tell other servers of a report about one of theirs, without saying who reports."""

    report_id: int
    account_ids: list[int]
    """Accounts there, one of each server."""


class PublishCollection(Job, frozen=True):
    """Tell other servers what changed in a collection of recommended accounts of ours."""

    what: Literal["add", "update", "remove", "add_item", "remove_item"]
    account_id: int
    collection_id: int
    uri: str
    """Of the collection: its row may be gone."""
    item_id: int = 0
    item_uri: str = ""
    inboxes: list[str] = []
    """Of those who are not in it any more."""


class TellFeature(Job, frozen=True):
    """Ask somebody elsewhere to be in a collection of ours, or say whether one of ours wants to be in theirs."""

    what: Literal["request", "accept", "reject", "withdraw"]
    account_id: int
    to_account_id: int
    collection_uri: str
    request_uri: str = ""
    authorization_uri: str = ""


class FetchCollection(Job, frozen=True):
    """Read a collection of recommended accounts of another server again."""

    lane = Lane.FETCH
    attempts = 4
    uri: str


class FetchCollections(Job, frozen=True):
    """Read which collections somebody elsewhere made."""

    lane = Lane.FETCH
    attempts = 3
    account_id: int


class VerifyCollectionItem(Job, frozen=True):
    """Ask the server of somebody in a collection whether they agreed to be in it."""

    lane = Lane.FETCH
    attempts = 5
    item_id: int


class TellMembers(Job, frozen=True):
    """Tell people here that a collection of another server, which they are in, has another name or description."""

    collection_id: int


class TellQuote(Job, frozen=True):
    """Ask somebody elsewhere whether one of ours may quote them, or answer who asked."""

    what: Literal["request", "accept", "reject"]
    account_id: int
    to_account_id: int
    quoted_uri: str
    quoting_uri: str
    request_uri: str
    approval_uri: str = ""


class PublishRevocation(Job, frozen=True):
    """Tell other servers that somebody of ours takes back that a status quotes theirs."""

    account_id: int
    quoted_uri: str
    quoting_uri: str
    approval_uri: str
    inboxes: list[str]


class VerifyQuote(Job, frozen=True):
    """Get to know what a status of another server quotes, and ask its author's server whether they agree."""

    lane = Lane.FETCH
    attempts = 5
    status_id: int


class PublishProfile(Job, frozen=True):
    """Tell followers' servers that a profile changed."""

    account_id: int


class PublishPin(Job, frozen=True):
    """Tell followers' servers that somebody here pinned a post of theirs, or took it down."""

    what: Literal["Add", "Remove"]
    account_id: int
    uri: str
    """Of the status."""


class Deliver(Job, frozen=True):
    """One activity to one inbox."""

    lane = Lane.DELIVER
    attempts = 17
    base_delay = 30.0
    max_seconds = 60.0
    keeps = timedelta(days=14)
    activity_id: int
    account_id: int
    """Who signs."""
    inbox: str


class FanOut(Job, frozen=True):
    """Put a status into the home feeds of people here, and tell those who watch."""

    attempts = 20
    status_id: int


class MergeNotifications(Job, frozen=True):
    """Put what was held back of a sender among the other notifications, since it was let through."""

    attempts = 20
    account_id: int
    from_account_id: int


class Push(Job, frozen=True):
    """Send one notification to one app, by its push service (Web Push)."""

    lane = Lane.DELIVER
    attempts = 5
    max_seconds = 40.0
    keeps = timedelta(hours=48)
    subscription_id: int
    notification_id: int


class SendMail(Job, frozen=True):
    """Send one letter to one address."""

    lane = Lane.DELIVER
    attempts = 16
    base_delay = 60.0
    max_seconds = 90.0
    letter: str
    """Which one; what it says is worked out when it is sent (web/letters.py)."""
    to: str
    locale: str
    about: dict[str, str]
    """What the letter needs to know."""


class SettleMarks(Job, frozen=True):
    """Count the likes and boosts of a status of ours that gets many of them; one job for all of about a second."""

    attempts = 20
    status_id: int
    since: int
    """An id: notifications from here on were not told to those who watch."""


class ProcessMedia(Job, frozen=True):
    """Make an uploaded file ready."""

    attempts = 3
    max_seconds = 1800.0
    media_id: int
    upload_key: str


class DiscardUploads(Job, frozen=True):
    """Delete files that nobody wants any more, without waiting for the hourly round."""


class FetchAncestors(Job, frozen=True):
    """Fetch the status that a stored reply answers, and so on upwards, within bounds."""

    lane = Lane.FETCH
    attempts = 4
    base_delay = 60.0
    status_id: int
    depth: int = 0


class RefreshAccount(Job, frozen=True):
    """Read an actor document again."""

    lane = Lane.FETCH
    attempts = 4
    base_delay = 60.0
    uri: str


class RefreshPoll(Job, frozen=True):
    """Read a remote poll's tallies again."""

    lane = Lane.FETCH
    attempts = 3
    base_delay = 60.0
    poll_id: int


class MaterialiseAccount(Job, frozen=True):
    """Somebody looks at a stranger: prove the handle, read the counters, and the actor where that was long ago."""

    lane = Lane.FETCH
    attempts = 1
    max_seconds = 30.0
    account_id: int
    asked_at: int
    """Unix milliseconds; what waited too long is left to the next look."""


class MaterialiseProfile(Job, frozen=True):
    """Somebody looks at a profile of another server: read its pinned posts and hashtags."""

    lane = Lane.FETCH
    attempts = 1
    max_seconds = 30.0
    account_id: int
    asked_at: int


class MaterialiseStatus(Job, frozen=True):
    """Somebody looks at a status of another server: look up whom it mentions, and the tallies of its poll."""

    lane = Lane.FETCH
    attempts = 1
    max_seconds = 30.0
    status_id: int
    asked_at: int


class MaterialiseThread(Job, frozen=True):
    """Somebody opened a status of another server: fetch what it answers, and the first answers to it."""

    lane = Lane.FETCH
    attempts = 1
    max_seconds = 30.0
    status_id: int
    asked_at: int


class FetchThread(Job, frozen=True):
    """Somebody opened a status of another server: find all that answers it, wherever that is, within bounds."""

    lane = Lane.THREADS
    attempts = 2
    base_delay = 30.0
    max_seconds = 300.0
    status_id: int
    token: str
    """Of its row in `thread_fetches`."""


class CheckLink(Job, frozen=True):
    """Read a page that a profile links to: does it link back?"""

    lane = Lane.FETCH
    attempts = 1
    max_seconds = 30.0
    account_id: int
    url: str


class FetchCard(Job, frozen=True):
    """Somebody looks at a status with a link: read what the page says, for its card."""

    lane = Lane.FETCH
    attempts = 1
    max_seconds = 75.0
    link_id: int


class PostScheduled(Job, frozen=True):
    """The time of a scheduled status has come: post it."""

    attempts = 20
    scheduled_id: int
    at: int
    """Unix milliseconds; it may be moved meanwhile."""


class ClosePoll(Job, frozen=True):
    """A poll ended: tell author and voters, send the final tallies."""

    poll_id: int


class PublishPoll(Job, frozen=True):
    """Send new tallies of our poll, at most every few minutes."""

    poll_id: int


class DeleteAccount(Job, frozen=True):
    """Remove all that an account left here, in bounded steps."""

    lane = Lane.BULK
    attempts = 50
    account_id: int


class PublishAccountDeletion(Job, frozen=True):
    """Tell other servers that an account of ours is gone. Its row stays, so that this can be signed."""

    account_id: int
    inboxes: list[str]
    """One of every server that knew it, worked out before its follows went."""


class CutTies(Job, frozen=True):
    """Somebody here blocked a server: end the follows between them, each way."""

    attempts = 20
    account_id: int
    domain: str


class SettleServerBlock(Job, frozen=True):
    """A server was blocked, or is not any more: limit or suspend its accounts, or take that back, in bounded steps."""

    lane = Lane.BULK
    attempts = 20
    max_seconds = 600.0
    domain: str
    lifted: str = ""
    """The mark (ISO 8601) of a block that is gone or changed, which is taken off first."""


class MakeAnnualReport(Job, frozen=True):
    """Work out somebody's year."""

    attempts = 5
    account_id: int
    year: int


class FollowMoved(Job, frozen=True):
    """An account of another server moved: have those here who follow it follow the new one."""

    lane = Lane.BULK
    attempts = 20
    max_seconds = 600.0
    old_id: int
    new_id: int


class AcceptRequests(Job, frozen=True):
    """Let those follow an account who asked to while it was locked."""

    account_id: int


class FillFeed(Job, frozen=True):
    """Put the newest statuses of a newly followed account into a home feed."""

    account_id: int
    target_id: int


class FillList(Job, frozen=True):
    """Put the newest statuses of somebody who came into a list into its feed."""

    list_id: int
    owner_id: int
    target_id: int


class FreeRoom(Job, frozen=True):
    """Remove so many bytes of what nobody has seen for longest: an admin asked for it."""

    lane = Lane.BULK
    attempts = 3
    max_seconds = 3600.0
    bytes: int


class CleanUp(Job, frozen=True):
    """Remove what has run out: codes, tombstones, loose uploads, old figures."""

    lane = Lane.BULK
