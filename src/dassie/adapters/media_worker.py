"""A subprocess that opens files of strangers. It runs as `python -m dassie.adapters.media_worker BYTES`.

It bounds its own memory, CPU time, file size and open files, so that a hostile picture can hurt nothing
but this process, and that one is replaced. Tasks come as JSON lines on stdin; each is answered by one
line on stdout. It ends when stdin does.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from typing import BinaryIO

import msgspec

from dassie.adapters.media_jobs import Made, Outcome, Task
from dassie.domain.errors import Invalid
from dassie.domain.media_kinds import HEAD, MIB, NO_HEIC, UNREADABLE, UNSUPPORTED_PICTURE, Kind, sniff

NO_VIDEO = (
    "Videos, audio and moving pictures are not set up on this server; its admin can install the extra: "
    "pip install dassie[video]"
)
_MAX_FILE = 128 * MIB
_MAX_OPEN = 64
_NICE = 10  # the server goes first


def main() -> None:
    """Serve tasks until stdin ends."""
    answers = _own_stdout()
    _limit(int(sys.argv[1]))
    for line in sys.stdin.buffer:
        answers.write(msgspec.json.encode(run(msgspec.json.decode(line, type=Task))) + b"\n")
        answers.flush()


def run(task: Task) -> Outcome:
    """What became of `task`; never raises, except where there is no memory left."""
    home = Path.cwd()
    os.chdir(task.folder)
    os.environ["TMPDIR"] = task.folder  # libvips puts big temporary files there
    _limit_cpu(task.cpu_seconds)
    try:
        return Outcome(made=_make(task), rss_kb=_rss_kb())
    except Invalid as refusal:
        return Outcome(refused=refusal.safe, rss_kb=_rss_kb())
    except MemoryError:
        raise  # better a fresh process than one that limps
    except Exception as error:
        return Outcome(failed=f"{type(error).__name__}: {error}"[:2000], rss_kb=_rss_kb())
    finally:
        os.chdir(home)


def _make(task: Task) -> Made:
    source, folder = Path(task.source), Path(task.folder)
    with source.open("rb") as file:
        kind = _sniff_for(task, file.read(HEAD))
    from dassie.adapters import media_pictures

    if task.what == "attachment":
        if kind.family == "picture" and not (kind.animated and media_pictures.frame_count(source, kind) > 1):
            return media_pictures.attachment(source, kind, folder)
        return _moving(source, kind, folder)
    if task.what == "thumbnail":
        return media_pictures.thumbnail(source, kind, folder, task.max_pixels)
    return media_pictures.portrait(source, kind, folder, *media_pictures.PORTRAITS[task.what])


def _sniff_for(task: Task, head: bytes) -> Kind:
    """The kind of file, where it suits the task."""
    if task.what == "attachment":
        return sniff(head)
    try:
        kind = sniff(head)
    except Invalid as refusal:
        raise Invalid(NO_HEIC if refusal.safe == NO_HEIC else UNSUPPORTED_PICTURE) from None
    if kind.family != "picture":
        raise Invalid(UNSUPPORTED_PICTURE)
    return kind


def _moving(source: Path, kind: Kind, folder: Path) -> Made:
    try:
        import av
    except ImportError:
        raise Invalid(NO_VIDEO) from None
    from dassie.adapters import media_animations, media_moving

    if kind.family == "picture":
        return media_animations.gifv(source, kind, folder)
    try:
        return media_moving.attachment(source, kind, folder)
    except av.FFmpegError as error:
        raise Invalid(UNREADABLE) from error


def _own_stdout() -> BinaryIO:
    """The stream for answers. What a library prints goes nowhere, lest it spoil them."""
    answers = os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.close(silence)
    return answers


def _limit(memory: int) -> None:
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MAX_FILE, _MAX_FILE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MAX_OPEN, _MAX_OPEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_cpu(seconds: int) -> None:
    """Allow `seconds` more of CPU time. The soft limit ends the process; it counts from its start."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


def _rss_kb() -> int:
    """Memory in use now, in KiB; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * resource.getpagesize() // 1024


if __name__ == "__main__":
    main()
