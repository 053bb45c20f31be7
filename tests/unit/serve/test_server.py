import ipaddress
import socket

import pytest

from photosearch.core.errors import KnownError
from photosearch.serve.server import Options, listening, own_address


def test_small_answers_are_sent_at_once() -> None:
    with listening(Options(port=0)) as line:
        assert line.proto == socket.IPPROTO_TCP  # by which asyncio knows to turn off Nagle's delay


def test_others_are_told_an_address_that_is_one() -> None:
    assert own_address("127.0.0.1") == "127.0.0.1"
    for everywhere in ("0.0.0.0", "::"):
        told = own_address(everywhere)
        assert told == "localhost" or not ipaddress.ip_address(told).is_unspecified


@pytest.mark.parametrize("name", ["http://x/", "x/", "x:443", "https://photos.example.org", "a b", "-", "."])
def test_a_proxys_name_is_a_name_alone(name: str) -> None:
    with (
        pytest.raises(KnownError, match=r"photos\.example\.org"),
        listening(Options(port=0, behind_proxy=name)),
    ):
        pass
    with listening(Options(port=0, behind_proxy="Photos.example.org")):
        pass
