"""Where we listen: a port or a Unix socket, opened by ourselves so that failures are told in plain words."""

from __future__ import annotations

import errno
import os
import socket
import stat
from pathlib import Path

from dassie.config import Config
from dassie.domain.errors import Invalid

WAITING = 1024
REASONS = {
    errno.EADDRINUSE: "another program listens there already",
    errno.EACCES: "the system does not allow it (ports below 1024 need a privilege)",
    errno.EADDRNOTAVAIL: "this machine does not have that address",
}


def open_socket(listen: str) -> socket.socket:
    """A listening socket for HOST:PORT or unix:PATH; raises `Invalid`."""
    try:
        return _unix(Path(listen.removeprefix("unix:"))) if listen.startswith("unix:") else _port(listen)
    except OSError as error:
        reason = REASONS.get(error.errno or 0, error.strerror or str(error))
        raise Invalid(f"Cannot listen on {listen}: {reason}.") from error


def address_of(config: Config, opened: socket.socket) -> str:
    """The address for people: where the socket really listens."""
    if opened.family == socket.AF_UNIX:
        return config.listen
    host, port = opened.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if config.tls_cert is not None else 'http'}://{shown}:{port}"


def remove_socket(listen: str) -> None:
    """Take a Unix socket's file away."""
    if listen.startswith("unix:"):
        Path(listen.removeprefix("unix:")).unlink(missing_ok=True)


def _port(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    opened = socket.socket(family, kind, protocol)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(WAITING)
    except BaseException:
        opened.close()
        raise
    return opened


def _unix(path: Path) -> socket.socket:
    if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
        if _answers(path):
            raise OSError(errno.EADDRINUSE, "in use")
        path.unlink()
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        opened.bind(str(path))
        os.chmod(path, 0o660)  # the proxy belongs to the same group
        opened.listen(WAITING)
    except BaseException:
        opened.close()
        raise
    return opened


def _answers(path: Path) -> bool:
    """Whether somebody listens there; a file alone may be left from a crash."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
