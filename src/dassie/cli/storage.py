"""`dassie storage`: what is stored, how much may be, and making room. All of it works beside a running server."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from dassie.cli.options import Data, DatabaseUrl, Domain, settings
from dassie.config import Config

if TYPE_CHECKING:
    from dassie.server import Server
    from dassie.services.making_room import Gone
    from dassie.services.measuring_storage import Report
    from dassie.services.recounting_storage import Recount

T = TypeVar("T")
SHOWN_HOSTS = 10
SHOWN_PARTS = 20

app = typer.Typer(help="What is stored, how much may be, and making room.")
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Budget = Annotated[str | None, typer.Option("--budget", help="So much may be used in all.", show_default=False)]
Floor = Annotated[str | None, typer.Option("--floor", help="So much stays free on the disk.", show_default=False)]


@app.callback(invoke_without_command=True)
def overview(
    context: typer.Context,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
    detailed: Annotated[
        bool, typer.Option("--detailed", help="Also tables and indexes; reads the whole SQLite file.")
    ] = False,
) -> None:
    """Print what is stored by kind and host, how it grows, and when it will be full."""
    if context.invoked_subcommand is not None:
        return
    config = settings(data=data, domain=domain, database_url=database_url)

    async def work(server: Server) -> Report:
        from dassie.services import measuring_storage

        return await measuring_storage.report(server, detailed=detailed)

    found = _with_files(config, work)
    if as_json:
        import msgspec

        print(json.dumps(msgspec.to_builtins(found), indent=1))
        return
    print("\n".join(_report_lines(found)))


@app.command("set")
def change(
    budget: Budget = None,
    floor: Floor = None,
    reset: Annotated[bool, typer.Option("--reset", help="Both as configured again.")] = False,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Change budget or floor; a running server sees it within seconds. Kept until it is reset."""
    from dassie.domain.errors import Invalid

    if reset == (budget is not None or floor is not None):
        raise Invalid("Give --budget, --floor or both; or --reset alone.")
    config = settings(data=data, domain=domain, database_url=database_url)

    async def work(server: Server) -> Report:
        from dassie.services import limiting_storage, measuring_storage

        given: dict[str, int | None] = {"budget": None, "floor": None} if reset else {}
        given |= {name: limiting_storage.size(text) for name, text in (("budget", budget), ("floor", floor)) if text}
        async with server.write() as tx:
            after = await limiting_storage.change(tx, **given)
            await limiting_storage.record(tx, after, by="command line")
        return await measuring_storage.report(server)

    print("\n".join(_head(_with_files(config, work))))


@app.command()
def preview(
    budget: Budget = None,
    floor: Floor = None,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Print what would go with another budget or floor. Nothing is changed."""
    config = settings(data=data, domain=domain, database_url=database_url)

    async def work(server: Server) -> Gone:
        from msgspec import structs

        from dassie.services import limiting_storage, measuring_storage

        async with server.read() as tx:
            wanted = await measuring_storage.changed_settings(tx)
        given = {name: limiting_storage.size(text) for name, text in (("budget", budget), ("floor", floor)) if text}
        return await limiting_storage.preview(server, structs.replace(wanted, **given))

    gone = _with_files(config, work)
    print(_json_of(gone) if as_json else "\n".join(_gone_lines(gone, "would go")))


@app.command()
def free(
    size: Annotated[str, typer.Argument(metavar="SIZE", help="Such as 2GB.")],
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Remove so much of what nobody has seen for longest. What is one's own, or kept by somebody here, stays."""
    config = settings(data=data, domain=domain, database_url=database_url)

    async def work(server: Server) -> Gone:
        from dassie.services import limiting_storage, making_room

        return await making_room.make_room(server, making_room.Need(limiting_storage.size(size)))

    gone = _with_files(config, work)
    print(_json_of(gone) if as_json else "\n".join(_gone_lines(gone, "went")))


@app.command()
def recount(data: Data = None, domain: Domain = None, database_url: DatabaseUrl = None, as_json: Json = False) -> None:
    """Count anew from rows and files, remove files without a row and rows without a file, and report differences."""
    config = settings(data=data, domain=domain, database_url=database_url)

    async def work(server: Server) -> Recount:
        from dassie.services import recounting_storage

        return await recounting_storage.recount(server)

    found = _with_files(config, work)
    if as_json:
        import msgspec

        print(json.dumps(msgspec.to_builtins(found), indent=1))
    else:
        print("\n".join(_recount_lines(found)))


def _with_files(config: Config, work: Callable[[Server], Awaitable[T]]) -> T:
    """What `work` gives with a server that can also reach the files."""
    from dataclasses import replace

    from dassie.adapters.media_files import LocalMediaFiles
    from dassie.cli.opening import with_server

    async def run(server: Server) -> T:
        (config.data / "tmp").mkdir(exist_ok=True)
        return await work(replace(server, media_files=LocalMediaFiles(config.data / "media")))

    return with_server(config, run)


# Showing ---------------------------------------------------------------------------------------------


def _head(found: Report) -> list[str]:
    from dassie.domain.sizes import show_size
    from dassie.services.keeping_room import judge_report
    from dassie.store.room import Level

    held, share = found.limits, found.used / found.limits.budget if found.limits.budget else 0.0
    level, why = judge_report(found)
    lines = [
        f"Used: {show_size(found.used)} of a budget of {show_size(held.budget)} ({share:.0%})"
        + (" (set at run time)" if found.changed.budget is not None else ""),
        f"Disk: {show_size(found.disk.free)} free of {show_size(found.disk.total)}; "
        f"{show_size(held.floor)} always stay free" + (" (set at run time)" if found.changed.floor is not None else ""),
    ]
    if level < Level.PLENTY:
        lines.append(f"Now: {_LEVELS[level]} {why}")
    return lines


_LEVELS = (
    "Nothing can be saved.",
    "No files of other servers are fetched, and strangers' posts wait.",
    "Strangers' posts wait.",
)


def _report_lines(found: Report) -> list[str]:
    from dassie.domain.sizes import show_size
    from dassie.domain.storage import LABELS

    rows = [
        (
            LABELS[one.kind],
            "" if one.files is None else f"{one.files:,}",
            show_size(one.bytes),
            f"{one.share:.0%}",
            f"{one.oldest_view:%Y-%m-%d}" if one.oldest_view else "",
            "" if one.growth is None else show_size(one.growth),
        )
        for one in found.kinds
    ]
    lines = [*_head(found), "", *_table(("Kind", "Number", "Size", "Share", "Oldest view", "A day"), rows)]
    lines.append("Posts of others are a part of the database." + _empty_words(found))
    if found.growth is None:
        lines.append("Growth is known after two days.")
    elif found.full_on is None:
        lines.append("It does not grow: it will not be full.")
    else:
        lines.append(
            f"At {show_size(found.growth)} a day it is full on {found.full_on:%Y-%m-%d}; then the oldest goes."
        )
    if found.hosts:
        hosts = [
            (one.host, f"{one.files:,}", show_size(one.file_bytes), f"{one.posts:,}", show_size(one.post_bytes))
            for one in found.hosts[:SHOWN_HOSTS]
        ]
        lines += ["", *_table(("Server", "Files", "Size", "Posts", "Size"), hosts)]
    if found.parts is not None:
        parts = [(one.name, show_size(one.bytes)) for one in found.parts[:SHOWN_PARTS]]
        lines += ["", *_table(("Table or index", "Size"), parts)]
    return lines


def _empty_words(found: Report) -> str:
    from dassie.domain.sizes import show_size

    return f" {show_size(found.empty)} of it are empty and used again." if found.empty else ""


def _gone_lines(gone: Gone, verb: str) -> list[str]:
    from dassie.domain.sizes import show_size
    from dassie.domain.storage import LABELS

    if not gone.kinds:
        return [f"Nothing {verb}."] if gone.enough else [f"Nothing {verb}: all that is left is one's own, or kept."]
    rows = [(LABELS[kind], f"{number:,}", show_size(size)) for kind, (number, size) in sorted(gone.kinds.items())]
    lines = [
        f"{'At least ' if gone.more else ''}{show_size(gone.bytes)} {verb}:",
        *_table(("Kind", "Number", "Size"), rows),
    ]
    lines += ["", *_table(("Server", "Size"), [(host, show_size(size)) for host, size in gone.biggest_hosts()])]
    if not gone.enough:
        lines.append("That is not enough, but all that is left is one's own, or kept.")
    if gone.oldest_left is not None:
        lines.append(f"The oldest view that would stay is of {gone.oldest_left:%Y-%m-%d}.")
    return lines


def _recount_lines(found: Recount) -> list[str]:
    from dassie.domain.sizes import show_size
    from dassie.domain.storage import LABELS

    if found.clean:
        return ["Rows, files and what was counted agree."]
    lines = [
        f"Counted wrong and mended: {LABELS[one.kind]}{f' of {one.host}' if one.host else ''}: "
        f"{one.files:+,} ({'+' if one.bytes >= 0 else ''}{show_size(one.bytes)})"
        for one in found.differences
    ]
    if found.orphan_files:
        lines.append(f"Files without a row, removed: {found.orphan_files:,} ({show_size(found.orphan_bytes)})")
    if found.rows_without_file:
        lines.append(f"Rows without a file, removed: {found.rows_without_file:,}")
    if found.half_done:
        lines.append(f"Leftovers of broken-off work, removed: {found.half_done:,}")
    if found.missing:
        lines.append(f"Files of people here that are missing, perhaps a backup has them: {len(found.missing):,}")
        lines += [f"  media/{key}" for key in found.missing[:SHOWN_PARTS]]
    return lines


def _json_of(gone: Gone) -> str:
    import msgspec

    return json.dumps(msgspec.to_builtins(gone) | {"bytes": gone.bytes}, indent=1)


def _table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> list[str]:
    """Lines with the first column to the left and the others to the right."""
    cells = [head, *rows]
    widths = [max(len(str(row[place])) for row in cells) for place in range(len(head))]
    return [
        "  ".join(
            str(cell).ljust(width) if place == 0 else str(cell).rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
