"""`dassie rehearse`: what this machine can take, tried on the spot with a server of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dassie.domain.errors import Invalid

LEAST, MOST = 4.0, 3600.0


def rehearse(
    seconds: Annotated[float, typer.Option("--seconds", help="About how long the floods take together.")] = 60.0,
    json: Annotated[Path | None, typer.Option("--json", help="Also write all figures there.")] = None,
    details: Annotated[bool, typer.Option("--details", help="Print all figures, not only what they mean.")] = False,
) -> None:
    """Flood a server made for it with a relay's posts, and print what this machine can take.

    Your own server is not touched and no other machine is asked: all is in a temporary folder, removed at the end.
    """
    if not LEAST <= seconds <= MOST:
        raise Invalid(f"--seconds takes a number from {LEAST:.0f} to {MOST:.0f}.")
    import msgspec
    import uvloop

    from dassie.rehearsal import telling
    from dassie.rehearsal.ending import until_stopped
    from dassie.rehearsal.short import rehearse as rehearsed

    gate, all_in = uvloop.run(until_stopped(rehearsed(seconds, lambda text: print(text, flush=True))))
    print()
    for outcome in (gate, all_in) if details else ():
        print("\n".join(telling.figures(outcome)), end="\n\n")
    print("\n".join(telling.plainly(gate, all_in)))
    if json is not None:
        found = [{"outcome": outcome, "summary": outcome.summary()} for outcome in (gate, all_in)]
        json.write_bytes(msgspec.json.format(msgspec.json.encode(found)))
