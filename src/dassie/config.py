"""Settings of the running program: option over environment over `DIR/dassie.toml` over default.

Every field is `--name` on the command line, `DASSIE_NAME` in the environment and `name` in the file.
Defaults suit a small machine (house rule 14).
"""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from dassie.domain.addresses import is_address
from dassie.domain.errors import Invalid
from dassie.domain.sizes import parse_size

Network = IPv4Network | IPv6Network
SECRET_NAMES = frozenset({"secret_key", "database_url", "smtp_password", "translation_key"})
MAIL_TLS = {"starttls": 587, "tls": 465, "none": 25}
"""How the way to the mail server is kept private, and the usual port of each."""


@dataclass(frozen=True, slots=True)
class Config:
    """The effective settings."""

    data: Path
    """Folder with the database, media, keys and dassie.toml."""
    domain: str = "localhost:8420"
    """What stands behind the @ of every handle. Never change it once others know you."""
    listen: str = "127.0.0.1:8420"
    """HOST:PORT or unix:PATH."""
    base_url: str = ""
    """Public address without slash at the end; empty: https://DOMAIN (http for localhost)."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    database_url: str = ""
    """postgresql://…; empty: DIR/dassie.db (SQLite)."""
    secret_key: str = ""
    """Empty: kept in DIR/secret.key, made at the first start."""
    trusted_proxies: tuple[Network, ...] = ()
    """Whose X-Forwarded-* headers are believed. A unix socket is always trusted."""
    allowed_private_networks: tuple[Network, ...] = ()
    """Private addresses that may be asked all the same: other servers of your household, tests."""
    test_resolver: str = ""
    """`name=ip:port,*.name=ip:port,…`: for tests, where names go."""
    rate_limits: bool = True
    authorized_fetch: bool = False
    """Others must sign when they read profiles and posts."""
    log_level: str = "info"
    log_format: str = "text"
    """text or json."""
    sync: str = "full"
    """SQLite: full survives power loss with nothing acknowledged lost; normal is quicker."""
    workers: int = 1
    """0: only answer requests, run no jobs."""
    inbox_limit: int = 20_000
    """So many received activities may wait for their turn; what comes above is asked to come later (503)."""
    storage_budget: int = 20_000_000_000
    """So much of the disk may be used in all, such as `20 GB`: files, others' posts, database, indexes. When it is
    reached, what nobody has seen for longest goes, never what is one's own. The admin page and `dassie storage set`
    change it while the server runs."""
    storage_floor: int | None = None
    """So much is always left free on the disk, such as `5 GB`. Empty: 5 GB, or 5 % of a disk smaller than 100 GB."""
    link_cards: bool = True
    """Pages that posts link to are read for a preview, once, when somebody here looks at such a post; those that
    profiles link to, to see whether they link back."""
    smtp_server: str = ""
    """The mail server that takes our letters, such as `smtp.example`. Empty: no mail is sent, and none is needed."""
    smtp_port: int = 0
    """0: the usual one, 587 for starttls, 465 for tls, 25 for none."""
    smtp_tls: str = "starttls"
    """starttls, tls (from the first byte) or none (only for a mail server on this machine)."""
    smtp_login: str = ""
    smtp_password: str = ""
    mail_from: str = ""
    """The address that letters come from. Empty: notifications@DOMAIN."""
    translation: str = ""
    """Who translates posts when somebody asks for it: libretranslate or deepl. Empty: nobody."""
    translation_url: str = ""
    """Where LibreTranslate is, such as `http://127.0.0.1:5000`; it may be in your own network. DeepL needs none."""
    translation_key: str = ""
    """DeepL's key, or that of a LibreTranslate which wants one."""
    metrics_networks: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    """Who may read /metrics."""

    @property
    def base(self) -> str:
        """The public address, without slash at the end."""
        if self.base_url:
            return self.base_url.rstrip("/")
        host = self.domain.rsplit(":", 1)[0]
        local = host == "localhost" or host.endswith(".localhost") or host.startswith("127.")
        secure = self.tls_cert is not None or not local
        return f"{'https' if secure else 'http'}://{self.domain}"

    @property
    def sender(self) -> str:
        """The address that letters come from."""
        return self.mail_from or f"notifications@{self.domain.rsplit(':', 1)[0]}"

    @property
    def database_path(self) -> Path:
        return self.data / "dassie.db"

    def masked(self) -> dict[str, str]:
        """For people to read: secrets hidden."""
        shown = {}
        for name, value in ((f.name, getattr(self, f.name)) for f in fields(self)):
            if name in SECRET_NAMES and value:
                shown[name] = _mask(name, str(value))
            elif isinstance(value, tuple):
                shown[name] = ",".join(map(str, value))
            else:
                shown[name] = "" if value is None else str(value)
        return shown


def load(options: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Config:
    """Settings from all four places. Raises `Invalid` that names the setting and what it takes."""
    environ = os.environ if environ is None else environ
    data = Path(options.get("data") or environ.get("DASSIE_DATA") or "data").absolute()
    stored = _stored(data / "dassie.toml")
    values: dict[str, Any] = {"data": data}
    for field in fields(Config):
        if field.name == "data":
            continue
        raw = options.get(field.name)
        if raw is None:
            raw = environ.get(f"DASSIE_{field.name.upper()}")
        if raw is None:
            raw = stored.get(field.name)
        if raw is not None and raw != "":
            values[field.name] = _convert(field.name, raw)
    unknown = sorted(set(stored) - {f.name for f in fields(Config)})
    if unknown:
        raise Invalid(f"dassie.toml has a setting that does not exist: {unknown[0]}. Take it out or correct its name.")
    return _checked(Config(**values))


def secret_of(config: Config) -> bytes:
    """The server's secret (32 bytes or more): signs proxy addresses, encrypts keys, derives tokens."""
    if config.secret_key:
        return config.secret_key.encode()
    path = config.data / "secret.key"
    if not path.exists():
        config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
    return path.read_text().strip().encode()


def _stored(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"dassie.toml cannot be read: {error}") from error


def _convert(name: str, raw: Any) -> Any:
    try:
        if name in ("tls_cert", "tls_key"):
            return Path(raw).absolute()
        if name in ("trusted_proxies", "allowed_private_networks", "metrics_networks"):
            items = raw if isinstance(raw, (list, tuple)) else str(raw).split(",")
            return tuple(ip_network(str(item).strip(), strict=False) for item in items if str(item).strip())
        if name in ("rate_limits", "authorized_fetch"):
            return _switch(raw)
        if name in ("storage_budget", "storage_floor"):
            return parse_size(raw)
        if name in ("workers", "inbox_limit", "smtp_port"):
            return int(raw)
        return str(raw).strip()
    except ValueError as error:
        raise Invalid(f"The setting {name} cannot be {raw!r}: {error}.") from error


def _switch(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    text = str(raw).strip().lower()
    if text in ("on", "true", "yes", "1"):
        return True
    if text in ("off", "false", "no", "0"):
        return False
    raise ValueError("it takes on or off")


def _checked(config: Config) -> Config:
    if (config.tls_cert is None) != (config.tls_key is None):
        raise Invalid("tls_cert and tls_key belong together: give both or neither.")
    if config.database_url and not config.database_url.startswith(("postgresql://", "postgres://")):
        raise Invalid("database_url takes postgresql://user:password@host/name, or nothing for SQLite.")
    if config.sync not in ("full", "normal"):
        raise Invalid("sync takes full or normal.")
    if config.log_format not in ("text", "json"):
        raise Invalid("log_format takes text or json.")
    _check_mail(config)
    _check_translation(config)
    if not config.domain or "/" in config.domain or "@" in config.domain:
        raise Invalid("domain is a host name such as rocks.example, without https:// and without @.")
    if not config.listen.startswith("unix:") and not config.listen.rpartition(":")[2].isdigit():
        raise Invalid("listen takes HOST:PORT or unix:PATH.")
    return config


def _check_mail(config: Config) -> None:
    if config.smtp_tls not in MAIL_TLS:
        raise Invalid(f"smtp_tls takes one of {', '.join(MAIL_TLS)}.")
    if not 0 <= config.smtp_port < 65_536:
        raise Invalid("smtp_port takes a number up to 65535.")
    if bool(config.smtp_login) != bool(config.smtp_password):
        raise Invalid("smtp_login and smtp_password belong together: give both or neither.")
    if config.smtp_login and config.smtp_tls == "none" and config.smtp_server not in ("localhost", "127.0.0.1", "::1"):
        raise Invalid("smtp_tls none would show smtp_password to everybody on the way: use starttls or tls.")
    if config.mail_from and not is_address(config.mail_from):
        raise Invalid("mail_from takes one plain address, such as notifications@rocks.example.")


def _check_translation(config: Config) -> None:
    if config.translation not in ("", "libretranslate", "deepl"):
        raise Invalid("translation takes libretranslate, deepl, or nothing.")
    if config.translation == "libretranslate" and not config.translation_url:
        raise Invalid("translation_url is missing: say where LibreTranslate is, such as http://127.0.0.1:5000.")
    if config.translation_url and not config.translation_url.startswith(("http://", "https://")):
        raise Invalid("translation_url takes an address that begins with http:// or https://.")
    if config.translation == "deepl" and not config.translation_key:
        raise Invalid("translation_key is missing: DeepL shows it in your account there.")


def _mask(name: str, value: str) -> str:
    if name == "database_url":
        head, at, tail = value.rpartition("@")
        user = head.rpartition("//")[2].partition(":")[0]
        return f"postgresql://{user}:***@{tail}" if at else value
    return "***"
