"""A post in another language: a page of its own, which the link below a post leads to."""

from __future__ import annotations

from msgspec import structs

from dassie.domain.errors import NotFound
from dassie.domain.ids import StatusId
from dassie.door.limits import TRANSLATIONS
from dassie.services import translating
from dassie.services.translating import Translation
from dassie.store import statuses
from dassie.store.views import StatusView
from dassie.web import languages
from dassie.web.answers import Answer, Go
from dassie.web.routing import page
from dassie.web.visits import Visit


@page("/@{username}/{id}/translation", signed_in=True)
async def translation(visit: Visit, username: str, id: StatusId) -> Answer:
    """The post as the translation service has it, in the reader's language or in the one asked for with `to`."""
    async with visit.server.read() as tx:
        found = await statuses.show(tx, [id], viewer=visit.viewer)
        around = await visit.page(tx)
    if not found:
        raise NotFound
    view = found[0].proper
    address = f"/@{view.account.acct}/{view.id}/translation"
    if visit.request.path != address:
        return Go(address)
    visit.limit(TRANSLATIONS)
    made = await translating.translate(visit.server, view, visit.params.text("to", most=35) or visit.reads)
    source = None if made.source == translating.UNKNOWN else languages.named(made.source, around.lang)
    return visit.html(
        "pages/translation.html",
        structs.replace(around, translates_to=""),
        status=in_other_words(view, made),
        source=source,
        service=made.provider,
        to=made.language,
        targets=[(code, languages.named(code, around.lang)) for code in await translating.targets(visit.server, view)],
    )


def in_other_words(view: StatusView, made: Translation) -> StatusView:
    """The post with the texts of its translation in place of its own; nobody votes in another language."""
    row = structs.replace(
        view.row, content=made.content, spoiler_text=made.spoiler_text, language=made.language.partition("-")[0]
    )
    described = dict(made.media)
    media = [structs.replace(one, description=described.get(one.id, one.description)) for one in view.media]
    poll = view.poll
    if poll is not None:
        options = [structs.replace(one, title=title) for one, title in zip(poll.options, made.options, strict=True)]
        poll = structs.replace(poll, options=options)
    return structs.replace(view, row=row, media=media, poll=poll)
