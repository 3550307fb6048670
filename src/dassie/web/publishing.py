"""Writing: new posts, replies, edits; files that go with them; deleting."""

from __future__ import annotations

import secrets

import msgspec

from dassie.domain.audience import POSTABLE
from dassie.domain.errors import Invalid, NotAllowed, NotFound, TooLarge
from dassie.domain.ids import MediaId, StatusId
from dassie.domain.media_limits import MAX_MOVING_BYTES
from dassie.domain.quotes import POLICY_WORDS, word_of
from dassie.door.forms import Upload
from dassie.door.limits import DELETIONS, POSTS, UPLOADS
from dassie.services import deleting, drafts, editing, posting, quoting, scheduling, seeing, showing, uploading
from dassie.services.drafts import Draft, MediaChange, PollDraft
from dassie.store import media, statuses
from dassie.store.tx import Tx
from dassie.store.views import MediaView, StatusRow, StatusView
from dassie.web import languages, timed
from dassie.web.answers import Answer, Data, Go, Html
from dassie.web.routing import form, page
from dassie.web.shown import Page, Writing
from dassie.web.texts import gettext as _
from dassie.web.texts import ngettext
from dassie.web.visits import Visit

PATIENCE = 120.0
"""Seconds that a form waits for its files."""
DURATIONS = (300, 1_800, 3_600, 21_600, 43_200, 86_400, 259_200, 604_800)
HOUR, DAY = 3_600, 86_400
SHOWN_IN = {"text": "status", "poll.options": "poll", "description": "media", "scheduled_at": "scheduled_at"}
"""Fields of the form by the names the rules use."""


@page("/publish", signed_in=True)
async def compose(visit: Visit) -> Html:
    """The composer: empty, for a reply, or with a post that is to be edited."""
    async with visit.server.read() as tx:
        writing = await _fresh(tx, visit)
        around = await visit.page(tx)
    return _composer(visit, around, writing)


@form("/publish", upload=MAX_MOVING_BYTES)
async def publish(visit: Visit) -> Answer:
    """Post it, or show the form again with what is wrong; nothing that was typed or uploaded is lost."""
    visit.limit(POSTS)
    writing = await _read(visit)
    problems = dict(writing.errors)
    writing = await _with_files(visit, writing, problems)
    try:
        if not problems:
            return await _write(visit, writing)
    except Invalid as error:
        problems = _problems(error)
    async with visit.server.read() as tx:
        around = await visit.page(tx)
    return _composer(visit, around, msgspec.structs.replace(writing, errors=problems), 422)


@form("/publish/media", upload=MAX_MOVING_BYTES)
async def upload(visit: Visit) -> Data:
    """A file on its own, for the composer's script."""
    file = visit.params.file("file")
    if file is None:
        raise Invalid(_("No file arrived."))
    return Data({"id": str((await _take(visit, file, None)).id)})


@page("/statuses/{id}/delete", signed_in=True)
async def ask_delete(visit: Visit, id: StatusId) -> Answer:
    """What deleting means, before it is done."""
    async with visit.server.read() as tx:
        status = await _own(tx, visit, id)
        around = await visit.page(tx)
    return visit.html("pages/delete.html", around, status=status)


@form("/statuses/{id}/delete")
async def delete(visit: Visit, id: StatusId) -> Answer:
    """Delete; or delete and open the composer with what it said."""
    visit.limit(DELETIONS)
    redraft = visit.params.get("redraft") == "1"
    async with visit.server.read() as tx:
        status = await _own(tx, visit, id)
        around = await visit.page(tx)
    async with visit.server.write() as tx:
        await deleting.delete(tx, visit.server, visit.me, id)
    if not redraft:
        return Go(f"/@{visit.me.username}", "deleted")
    async with visit.server.read() as tx:
        answered = await _answered(tx, visit, status.row.in_reply_to_id)
    return _composer(visit, around, msgspec.structs.replace(_of_status(status), editing=None, reply_to=answered))


# Reading the form ------------------------------------------------------------------------------------


async def _fresh(tx: Tx, visit: Visit) -> Writing:
    edit = visit.params.id("edit")
    if edit is not None:
        return _of_status(await _own(tx, visit, edit))
    settings = visit.user.settings
    answered = await _answered(tx, visit, visit.params.id("in_reply_to"))
    quoted = await _quoted(tx, visit, visit.params.id("quoted_status_id"))
    text = (visit.params.text("text") or "")[:5000]
    visibility: str = settings.default_visibility
    language = settings.default_language or ""
    spoiler = ""
    if answered is not None:
        text = text or _mentions(visit, answered)
        visibility = _narrower(visibility, answered.row.visibility)
        spoiler = answered.row.spoiler_text
        language = language or answered.row.language or ""
    if quoted is not None and quoted.row.visibility == "private":
        visibility = _narrower(visibility, "private")
    asked = visit.params.get("visibility")
    return Writing(
        key=_new_key(),
        text=text,
        spoiler=spoiler,
        visibility=str(asked) if asked in POSTABLE else visibility,
        sensitive=settings.default_sensitive,
        language=language,
        reply_to=answered,
        quoting=quoted,
        quote_policy=settings.default_quote_policy,
    )


async def _read(visit: Visit) -> Writing:
    """The form as it was sent; files of it that are already here included."""
    params = visit.params
    async with visit.server.read() as tx:
        edit = params.id("edit")
        editing = await _own(tx, visit, edit) if edit is not None else None
        ids = [MediaId(id) for id in params.ids("media_ids") if id not in params.ids("remove")]
        files = await media.by_ids(tx, ids, owner=visit.me.id)
        answered = await _answered(tx, visit, params.id("in_reply_to"))
        errors: dict[str, str] = {}
        try:
            quoted = await _quoted(tx, visit, params.id("quoted_status_id"))
        except NotAllowed as error:  # it may have changed while they wrote
            quoted, errors = None, {"status": error.safe}
    described = [
        msgspec.structs.replace(one, description=(params.text(f"description_{one.id}") or "").strip() or None)
        for one in files
    ]
    return Writing(
        key=(params.text("key") or _new_key())[:64],
        text=params.text("status") or "",
        spoiler=params.text("spoiler_text") or "",
        visibility=params.text("visibility") or "public",
        sensitive=bool(params.flag("sensitive")),
        language=languages.known(params.text("language")) or "",
        reply_to=answered,
        quoting=quoted,
        quote_policy=params.word("quote_policy", POLICY_WORDS) or "public",
        editing=editing,
        media=described,
        poll_options=[option for option in params.texts("poll_options") if option.strip()],
        poll_multiple=bool(params.flag("poll_multiple")),
        poll_expires_in=params.integer("poll_expires_in") or DAY,
        scheduled_at=(params.text("scheduled_at") or "")[:40],
        zone=params.integer("zone", least=-1_000, most=1_000) or 0,
        errors=errors,
    )


async def _with_files(visit: Visit, writing: Writing, problems: dict[str, str]) -> Writing:
    """The same with the files that came with the form, each worked on now."""
    files = list(writing.media)
    for n in range(1, drafts.MOST_FILES + 1):
        file = visit.params.file(f"file{n}")
        if file is None or not file.size:
            continue
        try:
            files.append(await _take(visit, file, visit.params.text(f"alt{n}")))
        except (Invalid, TooLarge) as error:
            problems["media"] = error.safe
    return msgspec.structs.replace(writing, media=files)


async def _take(visit: Visit, file: Upload, description: str | None) -> MediaView:
    visit.limit(UPLOADS)
    id = await uploading.upload(visit.server, visit.me, file.path, file.content_type, description=description)
    one = await uploading.wait_until_done(visit.server, visit.me, id, PATIENCE)
    if one.state == "failed":
        raise Invalid(one.error or _("This file could not be processed."))
    if one.state != "ready":
        raise Invalid(_("The file is still being worked on. Send the form again in a moment."))
    return one


# Writing ---------------------------------------------------------------------------------------------


async def _write(visit: Visit, writing: Writing) -> Answer:
    draft = Draft(
        text=writing.text,
        spoiler_text=writing.spoiler,
        visibility=writing.visibility,
        language=writing.language or None,
        sensitive=writing.sensitive,
        in_reply_to_id=writing.reply_to.id if writing.reply_to is not None else None,
        quoted_status_id=writing.quoting.id if writing.quoting is not None and writing.editing is None else None,
        quote_policy=writing.quote_policy,
        media_ids=[one.id for one in writing.media],
        media_changes=[MediaChange(id=one.id, description=one.description) for one in writing.media],
        poll=_poll(visit, writing),
        idempotency_key=f"web {writing.key}" if writing.key else None,
    )
    at = timed.read(writing.scheduled_at, writing.zone) if writing.editing is None else None
    if at is not None:
        async with visit.server.write() as tx:
            await _describe(tx, visit, draft)
            await scheduling.schedule(tx, visit.server, visit.me, draft, at)
        return Go("/scheduled", "scheduled")
    await posting.prepare(visit.server, draft)
    async with visit.server.write() as tx:
        if writing.editing is not None:
            row = await editing.edit(tx, visit.server, visit.me, writing.editing.id, draft)
        else:
            row = await _post(tx, visit, draft)
    if writing.editing is not None:
        return Go(f"/@{visit.me.username}/{row.id}", "edited")
    if writing.reply_to is not None:
        return Go(f"/@{writing.reply_to.account.acct}/{writing.reply_to.id}#s-{row.id}", "posted")
    return Go(f"/@{visit.me.username}/{row.id}", "posted")


async def _post(tx: Tx, visit: Visit, draft: Draft) -> StatusRow:
    await _describe(tx, visit, draft)
    return await posting.post(tx, visit.server, visit.me, draft)


async def _describe(tx: Tx, visit: Visit, draft: Draft) -> None:
    loose = await media.by_ids(tx, [MediaId(id) for id in draft.media_ids], owner=visit.me.id)
    waiting = {one.id for one in loose if one.status_id is None}
    for change in draft.media_changes:
        if change.id in waiting:
            await uploading.describe(tx, visit.server, visit.me, change)


def _poll(visit: Visit, writing: Writing) -> PollDraft | None:
    if writing.editing is not None and writing.editing.poll is not None:
        poll = writing.editing.poll
        titles = [option.title for option in poll.options]
        return PollDraft(
            options=titles, expires_at=poll.expires_at, multiple=poll.multiple, hide_totals=poll.hide_totals
        )
    if not writing.poll_options:
        return None
    return PollDraft(options=writing.poll_options, expires_in=writing.poll_expires_in, multiple=writing.poll_multiple)


# Showing ---------------------------------------------------------------------------------------------


def _composer(visit: Visit, around: Page, writing: Writing, http_code: int = 200) -> Html:
    return visit.html(
        "pages/publish.html",
        around,
        http_code=http_code,
        writing=writing if writing.key else msgspec.structs.replace(writing, key=_new_key()),
        media_limit=drafts.MOST_FILES,
        poll_limit=drafts.POLL_OPTIONS[1],
        text_limit=drafts.MOST_CHARACTERS,
        languages=languages.choices(around.lang),
        durations=[(seconds, _duration(seconds)) for seconds in DURATIONS],
    )


def _duration(seconds: int) -> str:
    if seconds >= DAY:
        return ngettext("%(n)d day", "%(n)d days", seconds // DAY) % {"n": seconds // DAY}
    if seconds >= HOUR:
        return ngettext("%(n)d hour", "%(n)d hours", seconds // HOUR) % {"n": seconds // HOUR}
    return ngettext("%(n)d minute", "%(n)d minutes", seconds // 60) % {"n": seconds // 60}


def _of_status(status: StatusView) -> Writing:
    """A post of one's own as the composer shows it."""
    row = status.row
    return Writing(
        key=_new_key(),
        text=row.text or "",
        spoiler=row.spoiler_text,
        visibility=row.visibility,
        sensitive=row.sensitive,
        language=row.language or "",
        quoting=status.quote.status if status.quote is not None else None,
        quote_policy=word_of(row.quote_policy),
        editing=status,
        media=status.media,
        poll_options=[option.title for option in status.poll.options] if status.poll is not None else [],
        poll_multiple=status.poll.multiple if status.poll is not None else False,
    )


async def _own(tx: Tx, visit: Visit, id: int) -> StatusView:
    await seeing.own_status(tx, visit.me, id)
    found = await showing.show(tx, [id], viewer=visit.viewer)
    if not found or found[0].reblog is not None:
        raise NotFound
    return found[0]


async def _answered(tx: Tx, visit: Visit, id: int | None) -> StatusView | None:
    if id is None:
        return None
    found = await statuses.show(tx, [id], viewer=visit.viewer)
    if not found:
        raise NotFound(_("The post you want to answer is gone, or not for you to see."))
    return found[0].proper


async def _quoted(tx: Tx, visit: Visit, id: int | None) -> StatusView | None:
    """What is to be quoted, where its author lets this person."""
    if id is None:
        return None
    try:
        row = await quoting.quotable(tx, visit.me, id)
    except NotFound:
        raise NotAllowed(_("This post is gone, or its author does not want it quoted by you.")) from None
    found = await statuses.show(tx, [row.id], viewer=visit.viewer)
    return found[0] if found else None


def _mentions(visit: Visit, answered: StatusView) -> str:
    """Those who take part, without oneself."""
    named = [answered.account.acct, *(mention.acct for mention in answered.mentions)]
    others = [acct for acct in dict.fromkeys(named) if acct != visit.me.acct]
    return "".join(f"@{acct} " for acct in others)


def _narrower(mine: str, theirs: str) -> str:
    """A reply is seen by no more people than what it answers."""
    order = ["public", "unlisted", "private", "direct"]
    theirs = "direct" if theirs == "limited" else theirs
    return max(mine, theirs, key=order.index)


def _problems(error: Invalid) -> dict[str, str]:
    fields = {SHOWN_IN.get(name, "status") for name in error.fields} or {"status"}
    sentence = error.safe.removeprefix("Validation failed: ")
    return dict.fromkeys(fields, sentence)


def _new_key() -> str:
    return secrets.token_urlsafe(12)
