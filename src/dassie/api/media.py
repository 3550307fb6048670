"""Media: files uploaded for a status that is still to be written."""

from __future__ import annotations

from msgspec import UNSET, UnsetType, structs

from dassie.api.entities.media import MediaAttachment, show_media
from dassie.api.entities.shapes import Empty
from dassie.api.routing import Call, Reply, delete, get, post, put
from dassie.domain.errors import Invalid
from dassie.domain.ids import MediaId
from dassie.domain.media_limits import MAX_MOVING_BYTES, MAX_PICTURE_BYTES, MIB
from dassie.door import taking as take
from dassie.door.forms import Params
from dassie.door.limits import UPLOADS
from dassie.services import uploading
from dassie.services.choosing_previews import previews
from dassie.services.drafts import MediaChange
from dassie.store.views import MediaView

WAIT_SECONDS = 120.0
"""How long version 1 waits."""
QUICK_SECONDS = 3.0
"""What takes longer is answered before it is done by version 2."""
MOST_BYTES = MAX_MOVING_BYTES
CHOSEN = take.file("thumbnail", f"A picture to be its preview, at most {MAX_PICTURE_BYTES // MIB} MB.")
DESCRIBED = [take.text("description"), take.text("focus", "`x,y`, each from -1 to 1.", most=100)]
UPLOAD = [take.file("file", required=True), CHOSEN, *DESCRIBED]


@post("/api/v1/media", scope="write:media", upload=MOST_BYTES, takes=UPLOAD)
async def upload_and_wait(call: Call) -> Reply[MediaAttachment]:
    """Upload a file; the answer comes when it is ready."""
    return await _upload(call, WAIT_SECONDS)


@post(
    "/api/v2/media",
    scope="write:media",
    upload=MOST_BYTES,
    takes=UPLOAD,
    codes={202: "It is not ready yet: `url` is null"},
)
async def upload(call: Call) -> Reply[MediaAttachment]:
    """Upload a file. 202 with `url: null` where it takes a while: ask again then."""
    return await _upload(call, QUICK_SECONDS)


@get("/api/v1/media/{id}", scope="write:media", takes=[], codes={206: "It is still worked on"})
async def show_upload(call: Call, id: MediaId) -> Reply[MediaAttachment]:
    """An upload that no status has yet; 206 while it is worked on, 422 where that failed."""
    async with call.server.read() as tx:
        one = await uploading.loose(tx, call.me.id, id)
    return _reply(call, one, waiting=206)


@put(
    "/api/v1/media/{id}",
    scope="write:media",
    upload=MAX_PICTURE_BYTES,
    takes=[CHOSEN, *DESCRIBED],
    codes={206: "It is still worked on"},
)
async def change_upload(call: Call, id: MediaId) -> Reply[MediaAttachment]:
    """Change description, focus or preview."""
    change, file = read_change(id, call.params), call.params.file("thumbnail")
    async with previews(call.server) as made:
        if file is not None:
            call.limit(UPLOADS)
            async with call.server.read() as tx:
                await uploading.loose(tx, call.me.id, id)
            change = structs.replace(change, preview=await made.make(file.path))
        async with call.server.write() as tx:
            one = await uploading.describe(tx, call.server, call.me, change)
    return _reply(call, one, waiting=206)


@delete("/api/v1/media/{id}", scope="write:media", takes=[])
async def delete_upload(call: Call, id: MediaId) -> Empty:
    """Delete an upload that no status has."""
    await uploading.discard(call.server, call.me, id)
    return {}


def read_change(id: int, params: Params) -> MediaChange:
    """What a request says about one file: only what it names changes."""
    description: str | UnsetType | None = params.text("description") if "description" in params else UNSET
    focus = read_focus(params)
    return MediaChange(id=MediaId(id), description=description, focus=UNSET if focus is None else focus)


def read_focus(params: Params) -> tuple[float, float] | None:
    """`focus=x,y`, each from -1 to 1."""
    text = params.text("focus", most=100)
    if not text:
        return None
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise Invalid("Validation failed: Focus must be two numbers from -1 to 1") from None
    if not (-1 <= x <= 1 and -1 <= y <= 1):
        raise Invalid("Validation failed: Focus must be two numbers from -1 to 1")
    return x, y


async def _upload(call: Call, seconds: float) -> Reply[MediaAttachment]:
    call.limit(UPLOADS)
    file = call.params.file("file")
    if file is None:
        raise Invalid("Validation failed: File can't be blank", fields={"file": [("ERR_BLANK", "can't be blank")]})
    picture = call.params.file("thumbnail")
    async with previews(call.server) as made:
        id = await uploading.upload(
            call.server,
            call.me,
            file.path,
            file.content_type,
            description=call.params.text("description"),
            focus=read_focus(call.params),
            preview=await made.make(picture.path) if picture is not None else None,
        )
    one = await uploading.wait_until_done(call.server, call.me, id, seconds)
    return _reply(call, one, waiting=202)


def _reply(call: Call, one: MediaView, *, waiting: int) -> Reply[MediaAttachment]:
    if one.state == "failed":
        raise Invalid(one.error or "Error processing thumbnail for uploaded media")
    return Reply(show_media(one, call.urls), waiting if one.state == "waiting" else 200)
