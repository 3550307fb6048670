"""Checks through the network: our public address as others see it, its certificate, the clock."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlsplit

from dassie.cli.checks_here import judge_dates
from dassie.cli.findings import Finding, fail, ok
from dassie.config import Config

SECONDS = 8.0
CLOCK_TOLERANCE = 30.0
"""Seconds; other servers refuse signatures that are off by more than a few minutes."""
CERTIFICATE_TIME = "%b %d %H:%M:%S %Y GMT"


def check_public(config: Config) -> Iterator[Finding]:
    """Whether our public address leads to a dassie."""
    code, body, problem = _get(f"{config.base}/health")
    if problem:
        yield fail(
            f"Public address {config.base}",
            problem,
            "Start dassie; check DNS, the proxy or tunnel and its route to " + config.listen + ".",
        )
    elif code != 200 or body.strip() != b"OK":
        yield fail(
            f"Public address {config.base}",
            f"/health answered {code}: another program seems to answer there, or the proxy cannot reach dassie.",
            "Let the proxy pass all paths to " + config.listen + " and keep the Host header.",
        )
    else:
        yield ok(f"Public address {config.base}: answers")


def check_webfinger(config: Config, username: str) -> Iterator[Finding]:
    """Whether others find a person here by handle."""
    handle = f"{username}@{config.domain}"
    host = config.domain if config.base.startswith("https:") else urlsplit(config.base).netloc
    scheme = config.base.partition(":")[0]
    code, body, problem = _get(f"{scheme}://{host}/.well-known/webfinger?resource=acct:{quote(handle)}")
    try:
        found = json.loads(body) if code == 200 else {}
    except ValueError:
        found = {}
    links = found.get("links", []) if isinstance(found, dict) else []
    wanted = f"{config.base}/users/{username}"
    if any(isinstance(link, dict) and link.get("href") == wanted for link in links):
        yield ok(f"WebFinger: @{handle} is found")
    else:
        yield fail(
            f"WebFinger of @{handle}",
            problem or f"https://{host}/.well-known/webfinger answered {code}, without a link to {wanted}.",
            f"Let https://{config.domain}/.well-known/webfinger lead (or redirect) to dassie.",
        )


def check_tls(config: Config) -> Iterator[Finding]:
    """The certificate that browsers and other servers see."""
    parts = urlsplit(config.base)
    if parts.scheme != "https" or not parts.hostname:
        return
    shown = f"Certificate of {parts.hostname}"
    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection((parts.hostname, parts.port or 443), timeout=SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as secure,
        ):
            found = secure.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        cure = "Get a certificate for this name with its whole chain (a proxy or tunnel does so by itself)."
        yield fail(shown, f"It is not trusted: {error.verify_message}.", cure)
        return
    except OSError:
        return  # told by check_public
    begins, ends = (
        datetime.strptime(str(found[name]), CERTIFICATE_TIME).replace(tzinfo=UTC) for name in ("notBefore", "notAfter")
    )
    yield judge_dates(shown, begins, ends)


def check_clock(peer: str | None) -> Iterator[Finding]:
    """Our clock against the Date header of a server we know."""
    if peer is None:
        return
    at = _date_of(peer)
    if at is None:
        return
    off = (datetime.now(UTC) - at).total_seconds()
    if abs(off) > CLOCK_TOLERANCE:
        cause = f"It is {abs(off):.0f} seconds {'ahead of' if off > 0 else 'behind'} that of {peer}."
        cure = "Turn time synchronisation on (timedatectl set-ntp true): others refuse requests with a wrong time."
        yield fail("Clock", cause, cure)
    else:
        yield ok(f"Clock: agrees with {peer}")


def _date_of(host: str) -> datetime | None:
    connection = http.client.HTTPSConnection(host, timeout=SECONDS)
    try:
        connection.request("HEAD", "/")
        return parsedate_to_datetime(connection.getresponse().getheader("date", ""))
    except (OSError, http.client.HTTPException, ValueError, TypeError):
        return None
    finally:
        connection.close()


def _get(url: str) -> tuple[int, bytes, str]:
    """Code, the first bytes of the body, and what went wrong (empty where an answer came)."""
    request = urllib.request.Request(url, headers={"user-agent": "dassie-doctor"})  # noqa: S310 - built from settings
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return answer.status, answer.read(100_000), ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, b"", ""
    except urllib.error.URLError as error:
        return 0, b"", f"No answer: {error.reason}."
    except (OSError, http.client.HTTPException, ValueError) as error:
        return 0, b"", f"No answer: {error}."
