"""One post of ours to 2,000 followers on 500 hosts over TLS, until the last inbox has it."""

from __future__ import annotations

import asyncio
import ssl
import sys
import tempfile
import time
from pathlib import Path

from bench import load, peers, report
from bench.process import free_port
from bench.world import bench
from dassie.domain.ids import new_id
from dassie.store.dialect import put_once
from dassie.store.tables import follows
from dassie.store.tx import Statement

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

HOSTS = 500
FOLLOWERS = 2000
_FOLLOW = Statement(put_once(follows, "id", "account_id", "target_id", "created_at"))
_DONE = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


async def run(kind: str, database_url: str) -> None:
    """Every host is the same TLS server under another name."""
    from net import TestCa

    with tempfile.TemporaryDirectory() as folder:
        ca = TestCa(Path(folder))
        names = [f"h{i}.test" for i in range(HOSTS)]
        port = free_port()
        seen: set[str] = set()
        sink = await _sink(ca.server_context(*names), port, seen)
        environ = {
            "SSL_CERT_FILE": str(ca.bundle),
            "DASSIE_TEST_RESOLVER": ",".join(f"{name}=127.0.0.1:{port}" for name in names),
        }
        async with sink, bench(database_url, environ) as made:
            actors = await peers.make_actors(made.here.db, FOLLOWERS, HOSTS, followed_by=None)
            async with made.here.write() as tx:
                for actor in actors:
                    await tx.run(
                        _FOLLOW,
                        id=new_id(tx.now),
                        account_id=actor.id,
                        target_id=made.ana.id,
                        created_at=tx.now,
                    )
            for number in range(2):
                seen.clear()
                cpu, begun = made.process.cpu, time.perf_counter()
                headers = {
                    "Host": "here.test",
                    "Authorization": f"Bearer {made.token}",
                    "Content-Type": "application/x-www-form-urlencoded",
                }
                post = load.request("POST", "/api/v1/statuses", headers, b"status=stones")
                outcome = await load.send(made.process.port, [post], 1)
                while len(seen) < HOSTS and time.perf_counter() - begun < 120:
                    await asyncio.sleep(0.02)
                report.line(
                    f"fan-out {kind} {'cold' if number == 0 else 'warm'}",
                    post_ms=f"{outcome.median:.0f}",
                    hosts=len(seen),
                    seconds=f"{time.perf_counter() - begun:.1f}",
                    cpu_s_per_1000=f"{(made.process.cpu - cpu) / HOSTS * 1000:.2f}",
                    codes=outcome.codes,
                )


async def _sink(context: ssl.SSLContext, port: int, seen: set[str]) -> asyncio.Server:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                at = head.index(b"content-length:") + 15
                await reader.readexactly(int(head[at : head.index(b"\r\n", at)]))
                start = head.index(b"host:") + 5
                seen.add(head[start : head.index(b"\r\n", start)].strip().decode())
                writer.write(_DONE)
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", port, ssl=context)
