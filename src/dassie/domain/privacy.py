"""What the software keeps about people, in plain words: the privacy policy of servers whose owner wrote none."""

from __future__ import annotations

INTRODUCTION = "This is what the software keeps, in plain words. Whoever runs this server may add to it."
LINES = (
    "Your account: name, profile, posts, media, follows, and what you favourite, boost or bookmark. "
    "Passwords are kept only as a hash.",
    "Signed-in browsers: time, address and browser, so that you can see and end them.",
    "Public posts can be read by anyone and are sent to the servers of your followers. Posts for followers are sent "
    "to those servers only; what other servers do with their copies is theirs to answer for.",
    "Pages load nothing from third parties. Pictures of other servers pass through this one, so those servers do not "
    "learn who looks.",
    "One cookie keeps you signed in. There is no tracking.",
)


def default_policy() -> str:
    """The same as HTML."""
    return f"<p>{INTRODUCTION}</p><ul>{''.join(f'<li>{line}</li>' for line in LINES)}</ul>"
