"""Attacks, each of which is refused."""

import base64
import contextlib
import http.client
import select
import socket
from http.client import HTTPResponse

import pytest

from photosearch.serve import API, app, guard, server
from photosearch.serve.endpoints import ENDPOINTS
from photosearch.serve.guard import FAILING, Buckets, Hosts, Pace
from photosearch.store.reader import Reader
from tests.helpers.processes import wait_for
from tests.helpers.served import COOKIE, Answer, Served, serving

STATUS = "/api/v1/status"


@pytest.fixture
def unforgiving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong tokens are not forgotten, however slow the machine is."""
    monkeypatch.setattr(guard, "FAILING", Pace(1e-9, FAILING.at_once))


def test_nothing_is_told_without_the_token(running: Served) -> None:
    for path in (
        "/search",
        "/photos/1",
        "/photos/1/original",
        "/folders",
        "/events",
        "/status",
        "/jobs",
        "/nothing",
    ):
        answer = running.ask(f"/api/v1{path}", token=None)
        assert answer.status == 401, path
        assert "photosearch serve" in answer.said["sentence"]
    assert running.ask("/knn-service", "POST", {"text": "red"}, token=None).status == 401


def test_no_new_address_is_forgotten(running: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    tells, takes = (
        next(one for one in ENDPOINTS if one.name == name) for name in ("status", "search_by_picture")
    )
    new = (tells._replace(path="/for-others"), takes._replace(path="/for-pictures"))
    monkeypatch.setattr(app, "ENDPOINTS", (*ENDPOINTS, *new))
    monkeypatch.setattr(guard, "MOST_BYTES", 0)
    with serving(running.library, running.folder, running.engine) as fresh:
        assert fresh.ask("/for-others", token=None).status == 401
        assert fresh.ask("/for-others").status == 200
        assert fresh.ask("/for-pictures", "POST", {}, token=None).status == 401
        assert fresh.ask("/for-pictures", "POST", {}).status == 422  # no form, but not too much
        assert fresh.ask(f"{API}/classify", "POST", {}).status == 413


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer x",
        "Bearer " + "é" * 40,
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Digest x",
        "",
    ],
)
def test_what_is_no_token_is_refused(running: Served, header: str) -> None:
    answer = running.ask(STATUS, headers={"Authorization": header.encode().decode("latin-1")}, token=None)
    assert answer.status == 401


def test_a_token_is_known_however_it_is_sent(running: Served) -> None:
    password = base64.b64encode(f"anybody:{running.token}".encode()).decode()
    for header in (f"Bearer {running.token}", f"bearer {running.token}", f"Basic {password}"):
        assert running.ask(STATUS, headers={"Authorization": header}, token=None).status == 200


def test_the_token_is_exchanged_for_a_session_that_scripts_cannot_read(running: Served) -> None:
    begun = running.ask("/api/v1/session", "POST", {"token": running.token}, token=None)
    cookie = begun.headers["Set-Cookie"]
    assert begun.status == 204 and "HttpOnly" in cookie and "SameSite=strict" in cookie
    assert running.token not in cookie
    session = cookie.partition(";")[0]
    assert running.ask(STATUS, headers={"Cookie": session}, token=None).status == 200
    said, _, mac = session.rpartition(".")
    ends, rest = said.split("=")[1].split(".")
    for forged in (
        f"{COOKIE}={int(ends) + 1}.{rest}.{mac}",
        f"{COOKIE}={ends}.{rest}.{mac[:-1]}",
        f"{COOKIE}={ends}.{rest}.",
        f"{COOKIE}=",
        f"{COOKIE}=.",
        f"{COOKIE}=x.y.z",
    ):
        assert running.ask(STATUS, headers={"Cookie": forged}, token=None).status == 401
    ended = running.ask("/api/v1/session", "DELETE", token=None)
    assert ended.status == 204 and "Max-Age=0" in ended.headers["Set-Cookie"]


def test_the_link_begins_a_session_and_leaves_no_token_in_the_address(running: Served) -> None:
    answer = running.ask(f"/?token={running.token}", token=None)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert answer.headers["Set-Cookie"].startswith(f"{COOKIE}=")
    outdated = running.ask("/?token=wrong", token=None)
    assert (outdated.status, outdated.headers["Location"]) == (303, "/")
    assert outdated.headers["Set-Cookie"] is None


def test_another_name_does_not_lead_here(running: Served) -> None:
    for host in (
        "evil.example",
        "evil.example:80",
        "127.0.0.1.evil.example",
        "192.168.0.9",
        "[::1",
        "a b",
        "",
        "x@127.0.0.1:99999",
    ):
        answer = running.ask(STATUS, headers={"Host": host})
        assert answer.status in (400, 421), host
    assert running.ask(STATUS, headers={"Host": f"localhost:{running.port}"}).status == 200


def test_hosts_are_known_by_number_and_by_the_proxys_name() -> None:
    everywhere, here, proxied = (
        Hosts("0.0.0.0"),
        Hosts("192.168.0.7"),
        Hosts("127.0.0.1", "Photos.Example.org"),
    )
    assert (
        everywhere.know("192.168.0.7:8765") and everywhere.know("[fe80::1]") and everywhere.know("localhost")
    )
    assert here.know("192.168.0.7:1") and not here.know("192.168.0.8") and not here.know("localhost")
    assert proxied.know("photos.example.org") and not proxied.know("example.org")
    assert not any(hosts.know("rebound.example") for hosts in (everywhere, here, proxied))


def test_a_page_of_another_site_is_refused_and_may_read_nothing(running: Served) -> None:
    here = f"127.0.0.1:{running.port}"
    for origin in (
        "http://evil.example",
        "null",
        f"http://127.0.0.1:{running.port + 1}",
        "http://[",
        "http://localhost",
    ):
        for method, path in (
            ("GET", STATUS),
            ("POST", "/api/v1/session"),
            ("PUT", "/api/v1/photos/1/rating"),
        ):
            answer = running.ask(path, method, {"token": running.token}, {"Origin": origin})
            assert answer.status == 403
            assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    for site in ("cross-site", "same-site"):
        assert running.ask(STATUS, headers={"Sec-Fetch-Site": site}).status == 403
        assert running.ask("/", headers={"Sec-Fetch-Site": site}, token=None).status != 403  # a link
    own = {"Origin": f"http://{here}", "Sec-Fetch-Site": "same-origin"}
    assert running.ask(STATUS, headers=own).status == 200
    assert running.ask(STATUS, "OPTIONS", headers={"Origin": "http://evil.example"}).status == 403


def test_what_two_could_read_in_two_ways_is_refused(running: Served) -> None:
    here = f"http://127.0.0.1:{running.port}"

    def status_of(*lines: str) -> tuple[int, str | None]:
        with socket.create_connection(("127.0.0.1", running.port), timeout=30) as line:
            head = (
                "POST /api/v1/session HTTP/1.1",
                f"Host: 127.0.0.1:{running.port}",
                "Content-Type: application/json",
                *lines,
            )
            line.sendall("\r\n".join((*head, "", "2\r\n{}\r\n0\r\n\r\n")).encode())
            reply = HTTPResponse(line)
            reply.begin()
            return reply.status, reply.headers["Connection"]

    chunked = "Transfer-Encoding: chunked"
    assert status_of(chunked, f"Origin: {here}")[0] == 422  # no token in it
    assert status_of(chunked, f"Origin: {here}", "Origin: http://evil.example")[0] == 403
    assert status_of(chunked, "Content-Length: 2") == (400, "close")


def test_every_answer_shuts_others_out(running: Served) -> None:
    for answer in (
        running.ask("/"),
        running.ask(STATUS),
        running.ask(STATUS, token=None),
        running.ask(STATUS, headers={"Host": "evil.example"}),
    ):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Server"] is None


def test_who_guesses_is_shut_out_for_a_while(running: Served, unforgiving: None) -> None:
    with serving(running.library, running.folder, running.engine) as fresh:
        session = fresh.ask("/api/v1/session", "POST", {"token": fresh.token}).headers["Set-Cookie"]
        statuses = [fresh.ask(STATUS, token="guess").status for _ in range(12)]
        assert statuses[:9] == [401] * 9 and statuses[-1] == 429
        assert fresh.ask(STATUS).status == 429  # the right one, too, so that nobody learns which it was
        assert fresh.ask("/api/v1/session", "POST", {"token": fresh.token}, token=None).status == 429
        inside = {"Cookie": session.partition(";")[0]}
        assert fresh.ask(STATUS, headers=inside, token=None).status == 200  # who was in stays in


def test_who_is_not_known_may_not_ask_without_end(running: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "STRANGERS", Pace(1e-9, 5))
    with serving(running.library, running.folder, running.engine) as fresh:
        answers = [fresh.ask("/", token=None) for _ in range(6)]
        assert [answer.status for answer in answers] == [200] * 5 + [429]
        seconds = int(answers[-1].headers["Retry-After"])
        assert seconds > 10**8 and f"{seconds:,} s" in answers[-1].said["sentence"]
        assert fresh.ask(STATUS).status == 200


def test_a_forged_address_makes_nobody_another(running: Served, unforgiving: None) -> None:
    with serving(running.library, running.folder, running.engine) as fresh:
        for number in range(12):
            forged = {"X-Forwarded-For": f"10.0.0.{number}", "Forwarded": f"for=10.0.0.{number}"}
            last = fresh.ask(STATUS, headers=forged, token="guess").status
        assert last == 429


def test_behind_a_proxy_each_is_known_by_the_address_that_it_tells(
    running: Served, unforgiving: None
) -> None:
    name = "photos.example.org"
    with serving(running.library, running.folder, running.engine, behind_proxy=name) as proxied:

        def ask(address: str, token: str = "", **more: str) -> Answer:
            headers = {"Host": name, "X-Forwarded-For": address, "X-Forwarded-Proto": "https", **more}
            return proxied.ask(STATUS, headers=headers, token=token)

        assert [ask("10.0.0.1", "guess").status for _ in range(12)][-1] == 429
        assert ask("10.0.0.1").status == 429 and ask("10.0.0.2").status == 200
        assert ask("10.0.0.2", Origin=f"https://{name}").status == 200
        assert ask("10.0.0.2", Origin="https://other.example.org").status == 403
        link = proxied.ask(f"/?token={proxied.token}", headers={"Host": name}, token=None)
        assert "Secure" in link.headers["Set-Cookie"]


def test_an_address_answers_to_its_own_methods_alone(running: Served) -> None:
    for method, path in (("GET", "/api/v1/undo"), ("DELETE", "/api/v1/photos/1"), ("PUT", "/api/v1/search")):
        answer = running.ask(path, method)
        assert answer.status == 405 and "method" in answer.said["sentence"]
    allowed = running.ask("/api/v1/search", "OPTIONS").headers["Allow"]
    assert set(allowed.split(", ")) == {"GET", "HEAD", "POST"}
    assert running.ask("/index.html", "POST", {}).status == 404


def test_buckets_fill_again() -> None:
    now = 0.0
    buckets = Buckets(Pace(per_second=1.0, at_once=2), lambda: now)
    assert [buckets.take("a") for _ in range(3)] == [True, True, False] and buckets.take("b")
    now = 1.5
    assert buckets.take("a") and buckets.is_empty("a")
    slow = Buckets(Pace(per_second=0.2, at_once=1), lambda: now)
    assert slow.take("a") and slow.seconds_left("a") == 5
    now = 4.9
    assert slow.seconds_left("a") == 2


def test_who_sends_too_much_is_told_so(running: Served) -> None:
    json = {"Content-Type": "application/json"}
    for _ in range(5):  # each may be hung up on amid what it sends
        answer = running.ask("/api/v1/classify", "POST", b" " * (40 << 20), json)
        assert answer.status == 413 and "9 MB" in answer.said["sentence"]


def test_too_much_is_not_read_to_its_end(running: Served) -> None:
    line = http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)
    line.putrequest("POST", "/api/v1/classify")
    line.putheader("Authorization", f"Bearer {running.token}")
    line.putheader("Content-Type", "application/json")
    line.putheader("Transfer-Encoding", "chunked")
    line.endheaders()
    part = b"%x\r\n%b\r\n" % (1 << 20, b" " * (1 << 20))
    with pytest.raises(OSError):
        for _ in range(100):
            line.send(part)
        assert line.getresponse().status == 413
        raise ConnectionError
    line.close()


def test_who_sends_nothing_or_too_slowly_is_hung_up_on(
    running: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "SECONDS_FOR_HEADERS", 0.2)
    monkeypatch.setattr(guard, "SECONDS_BETWEEN_PARTS", 0.2)

    def left_alone(sent: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", running.port), timeout=30) as line:
            line.sendall(sent)
            return b"".join(iter(lambda: line.recv(4096), b""))

    assert left_alone(b"") == b""
    assert left_alone(b"GET / HTTP/1.1\r\nHost: x") == b""
    head = (
        f"POST /api/v1/classify HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {running.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    assert left_alone(head.encode()).startswith(b"HTTP/1.1 408")


def test_one_address_alone_does_not_shut_all_out(running: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_OF_ONE_ADDRESS", 5)

    def begun(service: Served) -> socket.socket:
        line = lines.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=30))
        line.sendall(b"GET / HTTP/1.1\r\n")
        return line

    def refusals(some: list[socket.socket]) -> list[Answer]:
        told = [HTTPResponse(line) for line in select.select(some, [], [], 0.5)[0]]
        for reply in told:
            reply.begin()
        return [Answer(reply.status, reply.headers, reply.read()) for reply in told]

    with contextlib.ExitStack() as lines:
        refused = refusals([begun(running) for _ in range(8)])
        assert refused and {answer.status for answer in refused} == {503}
        assert "try again" in refused[0].said["sentence"]
    wait_for(lambda: running.ask(STATUS).status == 200)
    with (
        serving(
            running.library, running.folder, running.engine, behind_proxy="photos.example.org"
        ) as proxied,
        contextlib.ExitStack() as lines,
    ):
        assert refusals([begun(proxied) for _ in range(8)]) == []  # a proxy's are those of many


def test_what_is_no_request_is_refused_in_a_sentence(running: Served) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=30) as line:
        line.sendall(b"\x16\x03\x01 no HTTP\r\n\r\n")
        reply = HTTPResponse(line)
        reply.begin()
        assert reply.status == 400 and b"sentence" in reply.read()


def test_a_fault_of_our_own_is_told_without_a_traceback(
    running: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Reader, "subfolders", lambda reader: reader.no_such_thing)
    answer = running.ask("/api/v1/folders")
    assert answer.status == 500
    entry = answer.said["sentence"].rpartition("entry ")[2].rstrip(".")
    assert entry in caplog.text and "no_such_thing" in caplog.text
    assert b"Traceback" not in answer.body and b"no_such_thing" not in answer.body
