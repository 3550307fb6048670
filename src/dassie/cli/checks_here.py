"""Checks of this machine: folder, secret, database, programs, socket, certificate files."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

from dassie.cli.findings import Finding, fail, ok, warn
from dassie.cli.lock import is_taken
from dassie.cli.sockets import open_socket
from dassie.config import Config
from dassie.domain.errors import DassieError

LITTLE_SPACE = 1_000_000_000
NO_SPACE = 200_000_000
SOON = timedelta(days=14)


def check_folder(config: Config) -> Iterator[Finding]:
    """The data folder: there, ours, with room."""
    data = config.data
    if not data.is_dir():
        yield fail(
            f"Data folder {data}", "It does not exist.", "Start `dassie up` once, or name the folder with --data."
        )
        return
    if not os.access(data, os.W_OK | os.X_OK):
        yield fail(
            f"Data folder {data}", "It cannot be written to.", f"Run as its owner ({data.owner()}), or chown it."
        )
        return
    free = shutil.disk_usage(data).free
    shown = f"Data folder {data}: {free / 1e9:.1f} GB free"
    if free < NO_SPACE:
        yield fail(shown, "The disk is nearly full; the database stops when it is.", "Delete or move files.")
    elif free < LITTLE_SPACE:
        yield warn(shown, "Little room is left for media and the database.", "Delete or move files soon.")
    else:
        yield ok(shown)


def check_secret(config: Config) -> Iterator[Finding]:
    """The secret that encrypts signing keys: there, and for our eyes only."""
    if config.secret_key:
        if len(config.secret_key) < 32:
            yield fail("Secret key", "It is shorter than 32 characters.", "Set a longer one before anybody signs up.")
        else:
            yield ok("Secret key: set by configuration")
        return
    path = config.data / "secret.key"
    if not path.exists():
        if config.database_path.exists():
            yield fail(
                f"Secret key {path}",
                "It is missing, although there is a database: tokens and signing keys cannot be read.",
                "Bring secret.key back from a backup.",
            )
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        yield fail(f"Secret key {path}", f"Others on this machine may read it (mode {mode:o}).", f"chmod 600 {path}")
    else:
        yield ok(f"Secret key {path}")


def check_video() -> Iterator[Finding]:
    """PyAV, for video and sound."""
    if find_spec("av") is None:
        yield warn("Video and sound", "PyAV is not installed.", "pip install 'dassie[video]'")
    else:
        yield ok("Video and sound: PyAV is installed")


def check_listening(config: Config) -> Iterator[Finding]:
    """Whether a server runs on this folder, or could listen."""
    if is_taken(config.data):
        yield ok(f"Server: runs, told to listen on {config.listen}")
        return
    try:
        open_socket(config.listen).close()
    except DassieError as error:
        yield fail(f"Listening on {config.listen}", error.safe, "Stop that program, or choose another --listen.")
        return
    if config.listen.startswith("unix:"):
        Path(config.listen.removeprefix("unix:")).unlink(missing_ok=True)
    yield ok(f"Server: does not run; {config.listen} is free")


def check_certificate(config: Config) -> Iterator[Finding]:
    """The certificate file, where we speak TLS ourselves."""
    if config.tls_cert is None:
        return
    from cryptography import x509

    shown = f"TLS certificate {config.tls_cert}"
    try:
        certificate = x509.load_pem_x509_certificate(config.tls_cert.read_bytes())
    except (OSError, ValueError) as error:
        yield fail(shown, f"It cannot be read: {error}.", "Correct tls_cert; it takes a PEM file.")
        return
    yield judge_dates(shown, certificate.not_valid_before_utc, certificate.not_valid_after_utc)


def judge_dates(shown: str, begins: datetime, ends: datetime) -> Finding:
    """What the dates of a certificate mean today."""
    now = datetime.now(UTC)
    if now < begins:
        return fail(shown, f"It is valid from {begins:%Y-%m-%d} on only.", "Check the clock, or get a new one.")
    if now > ends:
        return fail(shown, f"It ran out on {ends:%Y-%m-%d}.", "Renew it and start dassie again.")
    if ends - now < SOON:
        return warn(shown, f"It runs out on {ends:%Y-%m-%d}.", "See why it was not renewed yet.")
    return ok(f"{shown}: valid until {ends:%Y-%m-%d}")
