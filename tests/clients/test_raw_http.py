"""HTTP as no library sends it: never a 5xx, and problem details wherever the application answers."""

import http.client
import io
import json

import pytest

HEAD = b"Host: 127.0.0.1\r\nConnection: close\r\n"


class _Heard:
    """What http.client reads from in place of a socket."""

    def __init__(self, answer: bytes):
        self.answer = answer

    def makefile(self, mode):
        return io.BytesIO(self.answer)


def parsed(answer: bytes):
    """(status, headers, body) of the first response."""
    response = http.client.HTTPResponse(_Heard(answer))
    response.begin()
    return response.status, response.headers, response.read()


def login(body: bytes, *headers: bytes, version=b"1.1"):
    lines = b"".join(header + b"\r\n" for header in headers)
    return b"POST /api/v1/auth/login HTTP/" + version + b"\r\n" + HEAD + lines + b"\r\n" + body


JSON = b"Content-Type: application/json"
FORM = b"Content-Type: application/x-www-form-urlencoded"


@pytest.fixture
def body(ann, password):
    """A good sign-in."""
    return json.dumps({"email": ann, "password": password}).encode()


def chunks(body: bytes, size=7) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def test_a_chunked_body_is_read_whole(server, body):
    status, _, answer = parsed(server.raw(login(chunks(body), JSON, b"Transfer-Encoding: chunked")))
    assert status == 200, answer


def test_a_body_that_comes_in_small_pieces_is_read_whole(server, body):
    request = login(body, JSON, b"Content-Length: %d" % len(body))
    cut = len(request) - 20
    status, _, answer = parsed(server.raw(request[:30], request[30:cut], request[cut:], wait=0.05))
    assert status == 200, answer


def test_http_1_0_is_answered(server, body):
    status, _, answer = parsed(server.raw(login(body, JSON, b"Content-Length: %d" % len(body), version=b"1.0")))
    assert status == 200, answer
    assert parsed(server.raw(b"GET /healthz HTTP/1.0\r\n\r\n"))[0] == 200, "no Host either"


# What is sent, and what it may be answered; 400, 414, 431, 501 and 505 are gunicorn's, before the application.
ODD = {
    "no length": (login(b"", JSON), {422}),
    "a length of nothing": (login(b"", JSON, b"Content-Length: 0"), {422}),
    "more than 64 KB": (login(b" " * 70_000, JSON, b"Content-Length: 70000"), {413}),
    "1 MB": (login(b"x" * 1_000_000, JSON, b"Content-Length: 1000000"), {413}),
    "1 MB in chunks": (login(chunks(b"x" * 1_000_000, 10_000), JSON, b"Transfer-Encoding: chunked"), {413}),
    "1 MB announced and not sent": (login(b"{}", JSON, b"Content-Length: 1000000"), {413}),
    "a 1 MB form": (login(b"a=" + b"x" * 1_000_000, FORM, b"Content-Length: 1000002"), {413}),
    "a length beyond all numbers": (login(b"{}", JSON, b"Content-Length: " + b"9" * 60), {400, 413}),
    "a length below zero": (login(b"{}", JSON, b"Content-Length: -1"), {400}),
    "a length of words": (login(b"{}", JSON, b"Content-Length: many"), {400}),
    "two lengths": (login(b"{}", JSON, b"Content-Length: 2", b"Content-Length: 3"), {400}),
    "a length and chunks": (login(b"0\r\n\r\n", JSON, b"Content-Length: 5", b"Transfer-Encoding: chunked"), {400, 422}),
    "an unknown encoding": (login(b"{}", JSON, b"Transfer-Encoding: sideways"), {400, 422, 501}),
    "chunks and more": (login(chunks(b"{}", 2), JSON, b"Transfer-Encoding: gzip, chunked"), {400, 501}),
    "broken chunks": (login(b"zz\r\n{}", JSON, b"Transfer-Encoding: chunked"), {400}),
    "no type": (login(b"{}", b"Content-Length: 2"), {415}),
    "an absurd type": (login(b"{}", b"Content-Type: \xff/;;==", b"Content-Length: 2"), {415}),
    "another charset": (login(b"\xff\xfe{\x00", JSON + b"; charset=utf-16", b"Content-Length: 4"), {415, 422}),
    "an unknown method": (b"BREW /api/v1/auth/me HTTP/1.1\r\n" + HEAD + b"\r\n", {401, 405}),
    "TRACE": (b"TRACE /api/v1/auth/login HTTP/1.1\r\n" + HEAD + b"\r\n", {405}),
    "another host": (b"GET /api/v1/auth/me HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", {400}),
    "a host of rubbish": (b"GET /api/v1/auth/me HTTP/1.1\r\nHost: a b\xff\r\nConnection: close\r\n\r\n", {400}),
    "no host": (b"GET /api/v1/auth/me HTTP/1.1\r\nConnection: close\r\n\r\n", {400, 401}),
    "two hosts": (b"GET /api/v1/auth/me HTTP/1.1\r\nHost: 127.0.0.1\r\n" + HEAD + b"\r\n", {400, 401}),
    "a huge header": (b"GET /api/v1/auth/me HTTP/1.1\r\n" + HEAD + b"X: " + b"y" * 20_000 + b"\r\n\r\n", {400, 431}),
    "many headers": (
        b"GET /api/v1/auth/me HTTP/1.1\r\n" + HEAD + b"".join(b"X-%d: y\r\n" % i for i in range(300)) + b"\r\n",
        {400, 431},
    ),
    "a huge path": (b"GET /api/v1/" + b"a" * 8_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n", {400, 414}),
    "a whole URL as path": (b"GET http://127.0.0.1/api/v1/auth/me HTTP/1.1\r\n" + HEAD + b"\r\n", {401, 404}),
    "no path": (b"GET  HTTP/1.1\r\n" + HEAD + b"\r\n", {400}),
    "two slashes": (b"GET //api/v1/auth/me HTTP/1.1\r\n" + HEAD + b"\r\n", {404}),
    "dots": (b"GET /api/v1/../v1/auth/me HTTP/1.1\r\n" + HEAD + b"\r\n", {401, 404}),
    "bytes in the path": (b"GET /api/v1/\xff\xfe HTTP/1.1\r\n" + HEAD + b"\r\n", {400, 404}),
    "a newline in a header": (b"GET /api/v1/auth/me HTTP/1.1\r\n" + HEAD + b"X: a\n b\r\n\r\n", {400, 401}),
    "a NUL in a header": (b"GET /api/v1/auth/me HTTP/1.1\r\n" + HEAD + b"X: a\0b\r\n\r\n", {400, 401}),
    "no HTTP at all": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", {400}),
    "a version of the future": (b"GET /api/v1/auth/me HTTP/9.9\r\n" + HEAD + b"\r\n", {400, 401, 505}),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_refused_in_order(server, name):
    sent, statuses = ODD[name]
    status, headers, body = parsed(server.raw(sent))
    assert status in statuses, (headers, body[:500])
    if "X-Request-ID" in headers and b" /api/" in sent:  # the application has answered
        assert headers["Content-Type"] == "application/problem+json"
        assert json.loads(body)["status"] == status


def test_the_server_is_well_after_all_that(server):
    assert server.get("/readyz").status == 200
    assert '"status_code": 5' not in server.logged()


def test_a_body_that_was_cut_is_400_and_nothing_is_done(server, ann, key):
    line = server.as_developer(ann)
    bearer = f"Authorization: {line.headers['Authorization']}\r\n".encode()
    ident = line.call("GET", "/api-keys").json()[0]["id"].encode()
    for path, length, body in (
        (b"/api-keys", 40, b""),
        (b"/api-keys", 40, b"{}"),
        (b"/api-keys", 40, b'{"scopes": ["users:read"]}'),
        (b"/api-keys/%s/rotate" % ident, 20, b""),
        (b"/api-keys/%s/rotate" % ident, 40, b'{"overlap_seconds": 0}'),
        (b"/auth/logout-all", 5, b""),
        (b"/auth/login", 500, b""),
    ):
        head = b"POST /api/v1%s HTTP/1.1\r\n" % path + HEAD + JSON + b"\r\nContent-Length: %d\r\n" % length
        status, headers, answer = parsed(server.raw(head + bearer + b"\r\n" + body, cut=True))
        assert (status, json.loads(answer)["code"]) == (400, "bad_request"), (path, answer)
        assert json.loads(answer)["detail"] == "The body ended before its Content-Length."
        assert headers["Content-Type"] == "application/problem+json"
    form = login(b"username=a", FORM, b"Content-Length: 40")
    assert parsed(server.raw(form, cut=True))[0] == 400
    assert [made["id"].encode() for made in line.call("GET", "/api-keys").json()] == [ident]
    line.close()


def test_chunks_that_were_cut_do_nothing_either(server, ann, key):
    line = server.as_developer(ann)
    bearer = f"Authorization: {line.headers['Authorization']}".encode()
    for body in (b"", b"2\r\n{}\r\n", b"9\r\n{}"):
        head = b"POST /api/v1/api-keys HTTP/1.1\r\n" + HEAD + JSON + b"\r\nTransfer-Encoding: chunked\r\n"
        assert b" 201 " not in server.raw(head + bearer + b"\r\n\r\n" + body, cut=True)
    assert len(line.call("GET", "/api-keys").json()) == 1
    line.close()


def test_a_form_that_was_cut_is_400_before_any_page_reads_it(server):
    post = b"POST /sign-in/ HTTP/1.1\r\n" + HEAD + FORM + b"\r\nContent-Length: 40\r\n\r\nlogin=a"
    status, _, body = parsed(server.raw(post, cut=True))
    assert status == 400
    assert b"The body ended before its Content-Length." in body


def test_two_requests_on_one_connection_do_not_mix(server):
    """A body that nobody read must not become the next request (request smuggling)."""
    inner = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    first = b"POST /api/v1/auth/me HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(inner)
    answer = server.raw(first + inner + b"GET /healthz HTTP/1.1\r\n" + HEAD + b"\r\n")
    assert b"openapi" not in answer
