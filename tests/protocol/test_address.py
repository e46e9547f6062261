"""Who is calling, and over which scheme: one rule, contract §6."""

import ipaddress
import logging

import pytest

from protocol.address import FORWARDING_HEADERS, counted_as, network_of, parse_address, resolve

PROXIES = tuple(ipaddress.ip_network(n) for n in ("10.0.0.0/24", "fd00::/64", "127.0.0.1/32"))


def caller(peer, scheme="http", **headers):
    meta = {"REMOTE_ADDR": peer, "wsgi.url_scheme": scheme}
    meta |= {f"HTTP_X_FORWARDED_{name.upper()}": value for name, value in headers.items()}
    found = resolve(meta, PROXIES)
    assert not set(meta) & set(FORWARDING_HEADERS), "nobody else may read these"
    assert meta["wsgi.url_scheme"] == ("https" if found.secure else "http")
    return found


@pytest.mark.parametrize(
    ("peer", "hops", "address"),
    [
        ("203.0.113.5", "1.2.3.4", "203.0.113.5"),
        ("10.0.1.1", "1.2.3.4", "10.0.1.1"),
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "9.9.9.9, 1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "9.9.9.9, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("10.0.0.1", "9.9.9.9,1.2.3.4,10.0.0.2,::ffff:10.0.0.3", "1.2.3.4"),
        ("::ffff:10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "::ffff:1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "1.2.3.4:5678", "1.2.3.4"),
        ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.1", '"[2001:db8::1]"', "2001:db8::1"),
        ("fd00::9", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", " , ,1.2.3.4, ", "1.2.3.4"),
        ("10.0.0.1", "10.0.0.7, 10.0.0.8", "10.0.0.7"),
        ("10.0.0.1", "1.2.3.4, unknown", None),
        ("10.0.0.1", "1.2.3.4, 999.1.1.1", None),
        ("10.0.0.1", "1.2.3.4, _hidden", None),
        ("10.0.0.1", "1.2.3.4, \x00\xff", None),
        ("", "1.2.3.4", None),
        ("unix:", "1.2.3.4", None),
    ],
)
def test_the_address_is_the_right_most_hop_that_is_no_proxy(peer, hops, address):
    found = caller(peer, **{"for": hops})
    assert found.address == (ipaddress.ip_address(address) if address else None)


@pytest.mark.parametrize(
    ("peer", "scheme", "said", "secure"),
    [
        ("203.0.113.5", "http", "https", False),
        ("203.0.113.5", "https", "http", True),
        ("10.0.0.1", "http", "https", True),
        ("10.0.0.1", "http", "HTTPS", True),
        ("10.0.0.1", "http", "http, https", True),
        ("10.0.0.1", "http", "https, http", False),
        ("10.0.0.1", "https", "http", False),
        ("10.0.0.1", "https", "", True),
        ("10.0.0.1", "http", "", False),
        ("10.0.0.1", "http", "https,", False),
        ("10.0.0.1", "http", "wss", False),
        ("10.0.0.1", "http", "httpss", False),
    ],
)
def test_the_scheme_is_the_right_most_one_that_a_proxy_says(peer, scheme, said, secure):
    assert caller(peer, scheme, proto=said).secure is secure


@pytest.mark.parametrize(
    ("peer", "hops", "counted", "undeclared"),
    [
        ("192.168.7.7", "1.2.3.4", None, True),
        ("::ffff:192.168.7.7", "1.2.3.4", None, True),
        ("192.168.7.7", "", "192.168.7.7", False),
        ("8.8.8.8", "1.2.3.4", "8.8.8.8", False),
        ("2001:4860::1", "", "2001:4860::/64", False),
        ("10.0.0.1", "1.2.3.4", "1.2.3.4", False),
        ("10.0.0.1", "garbage", "10.0.0.1", False),
        ("::1", "1.2.3.4", "::/64", False),
    ],
)
def test_a_private_proxy_that_nobody_declared_is_not_counted(peer, hops, counted, undeclared):
    found = caller(peer, **{"for": hops})
    assert (found.counted, found.undeclared_proxy) == (counted, undeclared)


def test_an_undeclared_proxy_is_warned_of_once(api, caplog):
    with caplog.at_level(logging.WARNING, "protocol.middleware"):
        for _ in range(3):
            api.get("/healthz", REMOTE_ADDR="192.168.7.7", HTTP_X_FORWARDED_FOR="1.2.3.4")
        api.get("/healthz", REMOTE_ADDR="192.168.7.8")
    told = [record for record in caplog.records if record.name == "protocol.middleware"]
    assert ["192.168.7.7" in record.getMessage() for record in told] == [True]


@pytest.mark.parametrize(
    ("text", "parsed"),
    [("1.2.3.4", "1.2.3.4"), (" fe80::1%eth0 ", "fe80::1"), ("[::1]", "::1"), ("::ffff:7f00:1", "127.0.0.1")],
)
def test_it_reads_an_address_however_it_is_written(text, parsed):
    assert str(parse_address(text)) == parsed


@pytest.mark.parametrize(
    "text", ["", "1.2.3", "01.2.3.4", "a", "[", "[::1", "1.2.3.4/8", "::1::", "1" * 500, "١.2.3.4"]
)
def test_it_reads_no_address_out_of_garbage(text):
    assert parse_address(text) is None


def test_a_network_is_a_24_or_a_64():
    assert network_of("203.0.113.77") == network_of(ipaddress.ip_address("203.0.113.1")) == "203.0.113.0/24"
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1") == "2001:db8::/64"
    assert network_of("2001:db8:0:1::1") != network_of("2001:db8::1")
    assert network_of(None) == network_of("garbage") == ""
    assert counted_as(None) is None
