"""`dassie emoji`: this server's custom emoji. All of it works beside a running server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from dassie.cli.options import Data, DatabaseUrl, Domain, settings

if TYPE_CHECKING:
    from dassie.server import Server
    from dassie.services.emoji_packs import Imported
    from dassie.services.painting import By
    from dassie.store.emojis import OwnEmoji

T = TypeVar("T")
app = typer.Typer(help="Custom emoji: list, add, remove, copy from elsewhere, packs.", no_args_is_help=True)
Shortcode = Annotated[str, typer.Argument(help="Its name, with or without colons.", show_default=False)]
Category = Annotated[str | None, typer.Option("--category", help="Under which apps list it.", show_default=False)]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what has the same name.")]


@app.command("list")
def show(data: Data = None, domain: Domain = None, database_url: DatabaseUrl = None) -> None:
    """Print all emoji: name, category, bytes, and what sets them apart."""

    async def work(server: Server) -> list[OwnEmoji]:
        from dassie.store import emojis

        async with server.read() as tx:
            return await emojis.all_ours(tx)

    for one in _with_server(work, data, domain, database_url):
        marks = [name for name in ("disabled", "featured") if getattr(one, name)]
        marks += [] if one.visible_in_picker else ["unlisted"]
        print(f":{one.shortcode}:\t{one.category or ''}\t{one.file_size}\t{', '.join(marks)}".rstrip())


@app.command("add")
def add(
    shortcode: Shortcode,
    file: Annotated[Path, typer.Argument(help="A PNG, GIF or WebP picture of at most 256 KB.", show_default=False)],
    category: Category = None,
    unlisted: Annotated[bool, typer.Option("--unlisted", help="Not offered by apps.")] = False,
    overwrite: Overwrite = False,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Add an emoji, or give one another picture."""
    from dassie.domain.errors import Invalid

    if not file.is_file():
        raise Invalid(f"There is no file {file}")

    async def work(server: Server) -> OwnEmoji:
        from dassie.services import painting

        return await painting.add(
            server, _me(), shortcode, file, category=category, visible_in_picker=not unlisted, overwrite=overwrite
        )

    print(f"Added :{_with_server(work, data, domain, database_url).shortcode}:")


@app.command("remove")
def remove(shortcode: Shortcode, data: Data = None, domain: Domain = None, database_url: DatabaseUrl = None) -> None:
    """Take an emoji away, with its file. Posts show its name in its place."""

    async def work(server: Server) -> OwnEmoji:
        from dassie.domain.errors import NotFound
        from dassie.services import painting
        from dassie.store import emojis

        async with server.read() as tx:
            found = await emojis.by_shortcode(tx, shortcode.strip(":"))
        if found is None:
            raise NotFound(f"There is no emoji :{shortcode.strip(':')}: here")
        return await painting.remove(server, _me(), found.id)

    print(f"Removed :{_with_server(work, data, domain, database_url).shortcode}:")


@app.command("copy")
def copy(
    shortcode: Shortcode,
    server_name: Annotated[str, typer.Argument(metavar="SERVER", help="Whose it is.", show_default=False)],
    name: Annotated[str, typer.Option("--name", help="Another name for it here.", show_default=False)] = "",
    category: Category = None,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Take over an emoji that was seen of late in posts of another server."""

    async def work(server: Server) -> OwnEmoji:
        from dassie.services import painting

        return await painting.copy(
            server, _me(), shortcode.strip(":"), server_name, name=name.strip(":"), category=category
        )

    print(f"Added :{_with_server(work, data, domain, database_url).shortcode}:")


@app.command("import")
def take_in(
    pack: Annotated[Path, typer.Argument(help="A folder, or a tar, tar.gz or zip of pictures.", show_default=False)],
    prefix: Annotated[str, typer.Option("--prefix", help="Before every name.", show_default=False)] = "",
    suffix: Annotated[str, typer.Option("--suffix", help="After every name.", show_default=False)] = "",
    overwrite: Overwrite = False,
    category: Category = None,
    unlisted: Annotated[bool, typer.Option("--unlisted", help="Not offered by apps.")] = False,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Add all pictures of a pack, named for their files."""

    async def work(server: Server) -> Imported:
        from dassie.services import emoji_packs

        return await emoji_packs.import_pack(
            server,
            _me(),
            pack,
            prefix=prefix,
            suffix=suffix,
            overwrite=overwrite,
            category=category,
            unlisted=unlisted,
        )

    found = _with_server(work, data, domain, database_url)
    for line in found.failed:
        print(line)
    print(f"Imported {found.added}, skipped {found.skipped}, failed to import {len(found.failed)}")


@app.command("export")
def hand_out(
    folder: Annotated[Path, typer.Argument(help="Where export.tar.gz is put.", show_default=False)],
    category: Category = None,
    overwrite: Overwrite = False,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write all emoji into an archive that this and Mastodon's `tootctl emoji import` read."""

    async def work(server: Server) -> Path:
        from dassie.services import emoji_packs

        return await emoji_packs.export_pack(server, folder, category=category, overwrite=overwrite)

    print(_with_server(work, data, domain, database_url))


def _me() -> By:
    from dassie.services.painting import By

    return By("command line")


def _with_server(work: Callable[[Server], Awaitable[T]], data: Data, domain: Domain, database_url: DatabaseUrl) -> T:
    """What `work` gives with a server that also reaches files, pictures and other servers."""
    config = settings(data=data, domain=domain, database_url=database_url)
    from dataclasses import replace

    from dassie.adapters.media_files import LocalMediaFiles
    from dassie.adapters.media_tools import WorkerMediaTools
    from dassie.app import http_client
    from dassie.cli.opening import with_server

    async def run(server: Server) -> T:
        (config.data / "tmp").mkdir(exist_ok=True)
        tools, http = WorkerMediaTools(), http_client(config, server.clock, server.hosts)
        try:
            files = LocalMediaFiles(config.data / "media")
            return await work(replace(server, media_files=files, media_tools=tools, http=http))
        finally:
            await http.close()
            await tools.close()

    return with_server(config, run)
