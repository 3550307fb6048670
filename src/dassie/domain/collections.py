"""Collections of recommended accounts: how large they may be, and who may put whom into one (FEP-7aa9)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Protocol

MOST_COLLECTIONS = 10
MOST_ITEMS = 25
MAX_NAME = 40
MAX_DESCRIPTION = 100
MAX_NAME_ELSEWHERE = 256
MAX_DESCRIPTION_ELSEWHERE = 2_048
MOST_ITEMS_ELSEWHERE = 150
"""What FEP-7aa9 proposes; more of another server's collection is not read."""
MOST_ELSEWHERE = 20
"""Collections of one account of another server that are read."""

ItemState = Literal["pending", "accepted", "rejected", "revoked"]
"""Asked, agreed, refused, taken back: only the first two are shown."""
SHOWN: tuple[ItemState, ...] = ("pending", "accepted")

Consent = Literal["automatic", "manual", "denied", "unknown", "missing"]
GROUPS = ("public", "followers", "following", "unsupported_policy")
NOBODY = "nobody"
"""How a policy is kept that allows nobody, apart from none at all."""


class _Featured(Protocol):
    @property
    def local(self) -> bool: ...
    @property
    def discoverable(self) -> bool: ...
    @property
    def locked(self) -> bool: ...
    @property
    def feature_policy(self) -> str: ...


@dataclass(frozen=True, slots=True)
class FeaturePolicy:
    """Who may put an account into a collection: at once, and where its owner decides."""

    automatic: tuple[str, ...] = ()
    manual: tuple[str, ...] = ()
    said: bool = True
    """False: the account's server says nothing about it, which is no consent."""

    def kept(self) -> str:
        """As one text; empty where nothing was said."""
        if not self.said:
            return ""
        return " ".join([*self.automatic, *(f"manual:{group}" for group in self.manual)]) or NOBODY


def policy_of(account: _Featured) -> FeaturePolicy:
    """The policy of an account. One of ours follows from its profile: who wants to be discovered may be featured, by
    followers only where followers are approved."""
    if account.local:
        if not account.discoverable:
            return FeaturePolicy()
        return FeaturePolicy(("followers",) if account.locked else ("public",))
    words = account.feature_policy.split()
    automatic = tuple(word for word in words if word in GROUPS)
    manual = tuple(group for word in words if (group := word.removeprefix("manual:")) != word and group in GROUPS)
    return FeaturePolicy(automatic, manual, said=bool(words))


def depends(policy: FeaturePolicy) -> bool:
    """Whether it matters who asks."""
    return "public" not in policy.automatic and bool({"followers", "following"} & {*policy.automatic, *policy.manual})


def consent(policy: FeaturePolicy, groups: Collection[str]) -> Consent:
    """What the policy says to somebody who belongs to these groups (`public` among them)."""
    if not policy.said:
        return "missing"
    if any(group in groups for group in policy.automatic):
        return "automatic"
    if any(group in groups for group in policy.manual):
        return "manual"
    if "unsupported_policy" in (*policy.automatic, *policy.manual):
        return "unknown"
    return "denied"


def consent_unasked(policy: FeaturePolicy) -> Consent:
    """The same where it is not known who asks: `unknown` where that matters."""
    return "unknown" if depends(policy) else consent(policy, ("public",))
