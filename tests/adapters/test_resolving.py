"""The test resolver, and names that do not exist."""

from __future__ import annotations

import socket
from unittest.mock import patch

import pytest

from dassie.adapters.resolving import MAX_ADDRESSES, Resolver, parse_overrides
from dassie.domain.errors import Invalid


def test_overrides_are_read_from_a_line() -> None:
    text = "a.test=127.0.0.1:8443, B.test=[::1]:8444,c.test=127.0.0.2,d.test=[::1],"
    assert parse_overrides(text) == {
        "a.test": ("127.0.0.1", 8443),
        "b.test": ("::1", 8444),
        "c.test": ("127.0.0.2", None),
        "d.test": ("::1", None),
    }
    assert parse_overrides("") == {}


@pytest.mark.parametrize(
    "text",
    ["a.test", "=127.0.0.1:1", "a.test=", "a.test=8.8.8.8:443", "a.test=127.0.0.1:0",
     "a.test=127.0.0.1:70000", "a.test=127.0.0.1:x",
     "a.test=localhost:1", "a.test=::1", "a.test=[::1", "a.test=[::1]8443",
     "*=127.0.0.1:1", "*.=127.0.0.1:1", "a*.test=127.0.0.1:1", "a.*.test=127.0.0.1:1"],
)  # fmt: skip
def test_an_override_that_is_not_this_machine_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="test resolver"):
        parse_overrides(text)


async def test_an_override_wins_over_the_name_server() -> None:
    resolver = Resolver({"a.test": ("127.0.0.1", 8443), "b.test": ("127.0.0.1", None)})
    with patch("socket.getaddrinfo", side_effect=AssertionError("must not be asked")):
        (first,) = await resolver.resolve("A.test", 443)
        (second,) = await resolver.resolve("b.test", 443)
    assert (first["host"], first["port"], second["port"]) == ("127.0.0.1", 8443, 443)
    await resolver.close()


async def test_all_names_below_one_lead_there_but_for_those_of_their_own() -> None:
    resolver = Resolver(parse_overrides("*.fleet.test=127.0.0.1:8443,h1.fleet.test=127.0.0.1:1,*.b.fleet.test=[::1]:2"))
    with patch("socket.getaddrinfo", side_effect=socket.gaierror):
        for name, port in (
            ("h0.Fleet.test", 8443),
            ("a.b.c.fleet.test", 8443),
            ("h1.fleet.test", 1),
            ("x.b.fleet.test", 2),
        ):
            assert [row["port"] for row in await resolver.resolve(name, 443)] == [port], name
        for name in ("fleet.test", "otherfleet.test", "fleet.test.example"):
            with pytest.raises(socket.gaierror):
                await resolver.resolve(name, 443)
    await resolver.close()


async def test_a_host_with_many_addresses_gives_a_few() -> None:
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"8.8.{n}.8", 443)) for n in range(200)]
    resolver = Resolver()
    with patch("socket.getaddrinfo", return_value=rows + rows):
        found = await resolver.resolve("many.test", 443)
    assert len({row["host"] for row in found}) == len(found) == MAX_ADDRESSES
    await resolver.close()


async def test_no_addresses_at_all_is_an_unknown_name() -> None:
    resolver = Resolver()
    with patch("socket.getaddrinfo", return_value=[]), pytest.raises(socket.gaierror):
        await resolver.resolve("none.test", 443)
    await resolver.close()
