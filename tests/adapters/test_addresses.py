"""The deny list, address by address."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dassie.adapters.addresses import DENIED, AddressRules, BlockedAddress, denial

INWARDS = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.8.9.1", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:10.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1",
    "2002:7f00:1::", "2002:a00:1::1", "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1",
    "fe80::1%eth0",
    "fec0::1", "ff02::1", "4000::1", "9000::1", "2a00::1%eth0",
]  # fmt: skip
OUTWARDS = [
    "1.1.1.1", "8.8.8.8", "100.63.0.1", "100.128.0.1", "172.32.0.1", "192.0.1.1", "198.20.0.1", "223.255.255.255",
    "2001:200::1", "2606:4700::1111", "2a01:4f8::1", "2003::1", "3ffd::1",
]  # fmt: skip


@pytest.mark.parametrize("text", INWARDS)
def test_an_address_that_leads_inwards_is_denied(text: str) -> None:
    assert denial(ip_address(text))


@pytest.mark.parametrize("text", OUTWARDS)
def test_a_public_address_is_not_denied(text: str) -> None:
    assert denial(ip_address(text)) is None


@given(st.sampled_from(DENIED), st.integers(min_value=0))
def test_every_address_of_every_denied_network_is_denied(entry: tuple[object, str], number: int) -> None:
    network = ip_network(str(entry[0]))
    address = network[number % network.num_addresses]
    assert denial(address)
    assert AddressRules().refusal(str(address), 443)


@given(st.ip_addresses(v=4))
def test_no_disguise_of_an_ipv4_address_gets_through(inner: IPv4Address) -> None:
    four = int(inner)
    disguises = [
        IPv6Address((0xFFFF << 32) | four),  # IPv4-mapped
        IPv6Address(four),  # IPv4-compatible
        IPv6Address((0x64_FF9B << 96) | four),  # NAT64
        IPv6Address((0x2002 << 112) | (four << 80)),  # 6to4
        IPv6Address((0x2001 << 112) | (four ^ 0xFFFF_FFFF)),  # Teredo
    ]
    assert all(denial(address) for address in disguises)


@given(st.ip_addresses())
def test_what_python_calls_private_is_denied_too(address: IPv4Address | IPv6Address) -> None:
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert denial(address)


def test_a_private_network_that_the_admin_allows_is_open_on_every_port() -> None:
    rules = AddressRules([ip_network("192.168.0.0/24")])
    assert rules.refusal("192.168.0.7", 8080) is None
    assert rules.refusal("192.168.1.7", 443) == "has an address that is in a private network"
    assert rules.refusal("8.8.8.8", 8080) == "is asked for on port 8080, which is not a web port"


def test_an_allowed_network_does_not_open_its_disguises() -> None:
    rules = AddressRules([ip_network("127.0.0.0/8")])
    assert rules.refusal("127.0.0.1", 443) is None
    assert rules.refusal("::ffff:127.0.0.1", 443)
    assert rules.refusal("64:ff9b::7f00:1", 443)


def test_plain_http_reaches_the_allowed_networks_only() -> None:
    rules = AddressRules([ip_network("10.0.0.0/8")], only_private=True)
    assert rules.refusal("10.1.1.1", 80) is None
    assert rules.refusal("8.8.8.8", 80) == "is asked for without TLS"


def test_a_name_is_no_address() -> None:
    assert AddressRules().refusal("localhost", 443) == "has no usable address"


def test_the_socket_is_only_made_for_an_address_that_may_be_reached() -> None:
    with pytest.raises(BlockedAddress) as refused:
        AddressRules().open_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443)))
    assert (refused.value.address, refused.value.reason) == (
        "127.0.0.1",
        "has an address that is this machine",
    )
    info = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443))
    AddressRules().open_socket(info).close()
