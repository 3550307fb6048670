"""Who may see what, said plainly and without any code of ours: what the tests hold the server against.

From limits_and_rules.md sections 4, 5, 13, 16 and 18. A viewer is a name, or None for a passer-by.
"""

from __future__ import annotations

from seen_scenes import HERE, PEOPLE, Post, Scene, domain


class Rules:
    """The rules, for one scene as it is at the end."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.all = range(len(scene.posts))

    # Between people ----------------------------------------------------------------------------------

    def follows(self, one: str, other: str) -> bool:
        """A block ends follows both ways, and so does the block of a server."""
        if (one, other) not in self.scene.follows or self.blocked(one, other):
            return False
        cut = {(one, domain(other)), (other, domain(one))}
        return not cut & self.scene.domain_blocks

    def blocked(self, one: str, other: str) -> bool:
        """A block stands between the two, whoever made it."""
        return bool({(one, other), (other, one)} & self.scene.blocks)

    def avoids(self, viewer: str | None, other: str) -> bool:
        """Whether the viewer does not want to read this person, or is not wanted by them."""
        if viewer is None or viewer == other:
            return False
        muted = (viewer, other) in self.scene.mutes
        return muted or self.blocked(viewer, other) or (viewer, domain(other)) in self.scene.domain_blocks

    # Single posts ------------------------------------------------------------------------------------

    def may_see(self, viewer: str | None, at: int) -> bool:
        """Public and unlisted: everybody. Private: followers and the mentioned. Direct: the mentioned.

        Authors see their own. Nobody sees what was deleted, what suspended people wrote, or anything of somebody who
        blocks them. A boost is seen by who may see both it and the post.
        """
        post = self.scene.posts[at]
        if post.reblog_of is not None and not self.may_see(viewer, post.reblog_of):
            return False
        if post.deleted or post.author in self.scene.suspended:
            return False
        if viewer == post.author:
            return True
        if viewer is not None and (post.author, viewer) in self.scene.blocks:
            return False
        if post.visibility in ("public", "unlisted"):
            return True
        if viewer is None:
            return False
        if viewer in post.mentions:
            return True
        return post.visibility == "private" and self.follows(viewer, post.author)

    def proper(self, at: int) -> int:
        """The post itself; of a boost what is boosted."""
        boosted = self.scene.posts[at].reblog_of
        return at if boosted is None else boosted

    def _authors(self, at: int) -> set[str]:
        return {self.scene.posts[at].author, self.scene.posts[self.proper(at)].author}

    def _concerned(self, at: int) -> set[str]:
        return self._authors(at) | self.scene.posts[self.proper(at)].mentions

    def _wanted(self, viewer: str | None, at: int) -> bool:
        return not any(self.avoids(viewer, author) for author in self._authors(at))

    def public_post(self, viewer: str | None, at: int) -> bool:
        """What other sites may put into their pages."""
        return self.may_see(viewer, at) and self.scene.posts[at].reblog_of is None

    def names_avoided(self, viewer: str | None, at: int) -> bool:
        """Whether somebody is mentioned whom the viewer avoids: left out where events are pushed."""
        return any(self.avoids(viewer, one) for one in self.scene.posts[at].mentions)

    # Places ------------------------------------------------------------------------------------------

    def public(self, viewer: str | None, at: int, *, local: bool | None = None, tag: bool = False) -> bool:
        """Public timelines: open posts, no boosts, nobody limited; without answers to others, but for tags."""
        post = self.scene.posts[at]
        if post.visibility != "public" or post.reblog_of is not None or post.author in self.scene.limited:
            return False
        if local is not None and (post.author in HERE) != local:
            return False
        if not tag and post.reply_to is not None and self.scene.posts[post.reply_to].author != post.author:
            return False
        return self.may_see(viewer, at) and self._wanted(viewer, at)

    def home(self, viewer: str | None, at: int) -> bool:
        """Home: what I and those I follow write, unless somebody in it is one I avoid; no answers to strangers."""
        post = self.scene.posts[at]
        if viewer is None or not self.may_see(viewer, at) or not self._wanted(viewer, at):
            return False
        if post.author == viewer:
            return True
        if not self.follows(viewer, post.author):
            return False
        named = self._concerned(at) - {viewer}
        if any((viewer, one) in self.scene.mutes | self.scene.blocks for one in named):
            return False
        return self.scene.late or not self._answers_stranger(viewer, post)

    def _answers_stranger(self, viewer: str, post: Post) -> bool:
        if post.reply_to is None:
            return False
        answered = self.scene.posts[post.reply_to].author
        return answered not in (viewer, post.author) and not self.follows(viewer, answered)

    def heard_at_home(self, viewer: str | None, at: int) -> bool:
        """The stream of one's own: home, and notifications."""
        return self.home(viewer, at) or self.notified(viewer, at)

    def in_list(self, viewer: str | None, at: int) -> bool:
        """A list: what its members write, by the rules of home."""
        listed = viewer is not None and (viewer, self.scene.posts[at].author) in self.scene.listed
        return listed and self.home(viewer, at)

    def of_account(self, viewer: str | None, at: int) -> bool:
        """Somebody's own page: all that may be seen; boosts not of those one avoids."""
        post = self.scene.posts[at]
        if not self.may_see(viewer, at):
            return False
        return post.reblog_of is None or not self.avoids(viewer, self.scene.posts[post.reblog_of].author)

    def in_thread(self, viewer: str | None, at: int) -> bool:
        """Around another post: nobody one avoids, and limited people only where one follows them."""
        author = self.scene.posts[at].author
        if not self.may_see(viewer, at) or self.avoids(viewer, author):
            return False
        limited = author in self.scene.limited and author != viewer
        return not limited or (viewer is not None and self.follows(viewer, author))

    def found(self, viewer: str | None, at: int) -> bool:
        """Search: one's library, and public posts of those who allow it; nobody one avoids. Never for passers-by."""
        post = self.scene.posts[at]
        if viewer is None or post.reblog_of is not None or not self.may_see(viewer, at):
            return False
        if not self._wanted(viewer, at):
            return False
        marked = {(viewer, at)} & (self.scene.favourites | self.scene.bookmarks)
        boosted = any(one.author == viewer and one.reblog_of == at for one in self.scene.posts)
        library = viewer == post.author or viewer in post.mentions or bool(marked) or boosted
        hidden = post.author in self.scene.limited and not self.follows(viewer, post.author)
        return library or (post.visibility == "public" and post.author in self.scene.indexable and not hidden)

    def trending(self, viewer: str | None, at: int) -> bool:
        """Trends: open posts of nobody limited or avoided."""
        return self.public(viewer, at, tag=True)

    def notified(self, viewer: str | None, at: int) -> bool:
        """Notifications: of what may be seen; what senders I block caused is forgotten."""
        author = self.scene.posts[at].author
        return self.may_see(viewer, at) and (author == viewer or not self._silenced(viewer, author))

    def _silenced(self, viewer: str | None, sender: str) -> bool:
        if viewer is None:
            return True
        if self.blocked(viewer, sender) or (viewer, domain(sender)) in self.scene.domain_blocks:
            return True
        return not self.scene.late and (viewer, sender) in self.scene.mutes

    # People ------------------------------------------------------------------------------------------

    def list_of_people(self, viewer: str | None, owner: str, people: set[str]) -> set[str]:
        """Of followers or followed: nothing where the owner hides them, is suspended or blocks the viewer."""
        if owner in self.scene.suspended or (owner in self.scene.secretive and viewer != owner):
            return set()
        if viewer is not None and (owner, viewer) in self.scene.blocks:
            return set()
        return self.people(viewer, people, own=viewer == owner)

    def people(self, viewer: str | None, people: set[str], *, own: bool = False) -> set[str]:
        """Of a list of people: nobody suspended; but for one's own lists, nobody whom the viewer avoids."""
        shown = people - self.scene.suspended
        if own or viewer is None:
            return shown
        return shown - {one for one in PEOPLE if self.avoids(viewer, one)}
