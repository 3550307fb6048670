"""`dassie up`: start the server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dassie.cli.options import Data, DatabaseUrl, settings


def _option(name: str, words: str, *, hidden: bool = False) -> Any:
    """A setting; without a value here it comes from the environment, `dassie.toml` or its default."""
    return typer.Option(name, help=words, show_default=False, hidden=hidden)


Text = str | None


def up(
    data: Data = None,
    domain: Annotated[Text, _option("--domain", "What stands behind the @ of every handle; never change it.")] = None,
    listen: Annotated[Text, _option("--listen", "HOST:PORT or unix:PATH.")] = None,
    base_url: Annotated[Text, _option("--base-url", "Public address, where it is not https://DOMAIN.")] = None,
    tls_cert: Annotated[Path | None, _option("--tls-cert", "Certificate chain (PEM), to speak TLS.")] = None,
    tls_key: Annotated[Path | None, _option("--tls-key", "Its private key (PEM).")] = None,
    database_url: DatabaseUrl = None,
    secret_key: Annotated[Text, _option("--secret-key", "Instead of DIR/secret.key.")] = None,
    trusted_proxies: Annotated[
        Text, _option("--trusted-proxies", "Networks whose X-Forwarded-* headers are believed.")
    ] = None,
    allowed_private_networks: Annotated[
        Text, _option("--allowed-private-networks", "Private networks that may be asked.")
    ] = None,
    test_resolver: Annotated[Text, _option("--test-resolver", "For tests: name=ip:port,…", hidden=True)] = None,
    rate_limits: Annotated[Text, _option("--rate-limits", "on or off.")] = None,
    authorized_fetch: Annotated[Text, _option("--authorized-fetch", "on: others must sign when they read.")] = None,
    log_level: Annotated[Text, _option("--log-level", "debug, info, warning or error.")] = None,
    log_format: Annotated[Text, _option("--log-format", "text or json.")] = None,
    sync: Annotated[Text, _option("--sync", "SQLite: full survives power loss; normal is quicker.")] = None,
    storage_budget: Annotated[Text, _option("--storage-budget", "So much may be used in all, such as 20GB.")] = None,
    storage_floor: Annotated[Text, _option("--storage-floor", "So much stays free on the disk, such as 5GB.")] = None,
    workers: Annotated[Text, _option("--workers", "0: answer requests only, do no jobs.")] = None,
    smtp_server: Annotated[Text, _option("--smtp-server", "Mail server, if this server is to send mail.")] = None,
    smtp_port: Annotated[Text, _option("--smtp-port", "Its port, where it is not the usual one.")] = None,
    smtp_tls: Annotated[Text, _option("--smtp-tls", "starttls, tls or none.")] = None,
    smtp_login: Annotated[Text, _option("--smtp-login", "Name to sign in with there.")] = None,
    smtp_password: Annotated[Text, _option("--smtp-password", "Better in dassie.toml or the environment.")] = None,
    mail_from: Annotated[Text, _option("--mail-from", "Address that letters come from.")] = None,
    metrics_networks: Annotated[Text, _option("--metrics-networks", "Who may read /metrics.")] = None,
) -> None:
    """Start the server. The first start makes everything and prints a link to claim it."""
    config = settings(**locals(), starting=True)
    from dassie.cli import logs
    from dassie.cli.serving import serve

    logs.set_up(config)
    serve(config)
