"""What a page says about what was just done. The cookie carries a word of this table, never a text."""

from __future__ import annotations

from dassie.web.shown import Notice
from dassie.web.texts import gettext

SAID: dict[str, str] = {
    "posted": "Your post is out.",
    "scheduled": "Your post will be out at its time.",
    "moved": "Your post has another time now.",
    "cancelled": "The post will not be out.",
    "edited": "Your changes are saved.",
    "deleted": "The post is deleted.",
    "quote_revoked": "Your post does not show in it any more.",
    "voted": "Your vote is counted.",
    "followed": "You follow them now.",
    "requested": "They were asked; you follow them once they agree.",
    "unfollowed": "You do not follow them any more.",
    "tag_followed": "You follow this hashtag now.",
    "tag_unfollowed": "You do not follow this hashtag any more.",
    "list_made": "The list is made. Put people you follow into it from the menu on their profiles.",
    "list_deleted": "The list is deleted.",
    "collection_made": "The collection is made. Put people in whom you recommend.",
    "collection_deleted": "The collection is deleted.",
    "collection_left": "You are not in that collection any more.",
    "feature_asked": "Their server is asked; they show once it agrees.",
    "filter_saved": "The filter is saved.",
    "filter_deleted": "The filter is deleted.",
    "blocked": "They are blocked.",
    "unblocked": "They are not blocked any more.",
    "server_blocked": "The server is blocked.",
    "server_unblocked": "The server is not blocked any more.",
    "muted": "They are muted.",
    "unmuted": "They are not muted any more.",
    "endorsed": "They stand on your profile now.",
    "unendorsed": "They do not stand on your profile any more.",
    "removed": "They do not follow you any more.",
    "accepted": "They follow you now.",
    "rejected": "Their request is turned down.",
    "let_through": "What they send will reach you from now on.",
    "dismissed": "What was held back of them is gone.",
    "reported": "Thank you. Those who look after this server will look at it.",
    "instance_blocked": "The server is kept away from now on.",
    "instance_unblocked": "The server is let in again.",
    "report_closed": "The report is closed.",
    "report_opened": "The report is open again.",
    "saved": "Your changes are saved.",
    "announced": "Everybody here is told.",
    "withdrawn": "The announcement is taken back.",
    "password": "Your password is changed. Other browsers are signed out.",
    "ended": "That browser is signed out.",
    "revoked": "The app has no access any more.",
    "out": "You are signed out.",
    "claimed": "Welcome. This server is yours now.",
    "relay_asked": "The relay is asked to take this server in.",
    "relay_left": "This server takes part in the relay no more.",
    "relay_paused": "Nothing of the relay is let in for a while.",
    "relay_resumed": "The relay is let in again.",
    "relay_undone": "What only this relay brought is being removed.",
    "freeing": "Room is being made, in small steps.",
    "emoji_added": "The emoji is here now.",
    "emoji_removed": "The emoji is gone.",
    "letter_sent": "A letter is on its way. The link in it proves that the address is yours.",
    "invited": "The invitation is made. Hand its link to whom you want here.",
    "invite_ended": "Nobody can come by that link any more.",
    "let_in": "They are let in.",
    "turned_away": "They are turned away, and their name is free again.",
    "allowed": "The app may use your account now.",
}


def of(word: str | None) -> Notice | None:
    """The notice for a word of the cookie."""
    text = SAID.get(word or "")
    return Notice(gettext(text)) if text else None
