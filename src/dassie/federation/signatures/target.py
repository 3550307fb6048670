"""The parts of a URL that are signed."""

from __future__ import annotations

from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def host_of(url: str) -> str:
    """Host with its port unless that is the usual one, in lower case, as the Host header has it.

    Raises `ValueError` for a URL without a host.
    """
    parts = urlsplit(url)
    host = plain_host(parts.netloc.rpartition("@")[2], parts.scheme)
    if not host:
        raise ValueError("the URL has no host")
    return host


def plain_host(host: str, scheme: str) -> str:
    """The host in lower case, without the port that everybody expects."""
    return host.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ":443"))


def target_of(url: str) -> str:
    """Path and query as they go into the request line."""
    parts = urlsplit(url)
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path


def without_fragment(url: str) -> str:
    """The URL as a receiver sees it: with a path, and without what browsers keep to themselves."""
    parts = urlsplit(url)
    return parts._replace(path=parts.path or "/", fragment="").geturl()
