"""What a person is told of what the system, or TLS, refused."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import pytest

from photosearch import online
from photosearch.core.errors import system_reason


@pytest.fixture
def answering() -> Iterator[Callable[[bytes], ssl.SSLError]]:
    """What TLS says where a server answers its greeting so."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def met(answer: bytes) -> ssl.SSLError:
            def serve() -> None:
                with server.accept()[0] as line:
                    line.recv(4096)
                    line.sendall(answer)

            thread = threading.Thread(target=serve)
            thread.start()
            try:
                with socket.create_connection(server.getsockname()) as line, pytest.raises(ssl.SSLError) as e:
                    ssl.create_default_context().wrap_socket(line, server_hostname="localhost")
            finally:
                thread.join()
            return e.value

        yield met


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.0 400 Bad request\r\n\r\n", "it does not speak TLS there"),
        (b"\x15\x03\x03\x00\x02\x02\x28", "no TLS could be agreed on (sslv3 alert handshake failure)"),
    ],
)
def test_of_tls_it_is_told_what_tls_says(
    answering: Callable[[bytes], ssl.SSLError], answer: bytes, said: str
) -> None:
    error = answering(answer)
    assert str(system_reason(error)) == str(online.reason(error)) == said


def test_a_certificate_that_is_not_trusted_is_told_as_that() -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    assert str(system_reason(error)) == "its certificate is not trusted (self-signed certificate)"
