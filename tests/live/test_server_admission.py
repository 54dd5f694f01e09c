"""Who may come in: names, origins, methods, tokens, sessions; and what every answer carries."""

from __future__ import annotations

import logging
from typing import Any

import pytest

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "worker-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def hosts(port: int) -> list[str]:
    return [
        "127.0.0.1",
        f"127.0.0.1:{port + 1}",
        f"127.0.0.1:{port}.evil.example",
        f"127.0.0.1.evil.example:{port}",
        f"evil.example:{port}",
        f"evil.example#127.0.0.1:{port}",
        f"user@127.0.0.1:{port}",
        f"localhost.:{port}",
        f"127.1:{port}",
        f"0.0.0.0:{port}",
        f"[::1]:{port}",
        "",
    ]


@pytest.mark.parametrize("place", range(12))
def test_a_name_that_was_pointed_at_this_machine_is_refused(site: Any, place: int) -> None:
    host = hosts(site.port)[place]
    assert site.get("/", Host=host).status == 403  # though the connection is to 127.0.0.1
    assert site.get("/stream?client=a", Host=host).status == 403
    own = f"http://{host}"  # a page under that name would send its own origin, which fits its Host
    assert site.post("/command", {"client": "a", "name": "pause"}, Host=host, Origin=own).status == 403
    assert site.commands.heard == []


def test_its_own_names_are_let_in(site: Any) -> None:
    for host in (f"127.0.0.1:{site.port}", f"localhost:{site.port}", f"LOCALHOST:{site.port}"):
        assert site.get("/nothing", Host=host).status == 404


def test_no_host_two_hosts_and_the_absolute_form_are_refused(site: Any) -> None:
    assert site.get("/", Host=None).status == 400
    assert site.say(b"GET / HTTP/1.0\r\n\r\n").status == 403
    two = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nHost: 127.0.0.1:{site.port}\r\n\r\n".encode()
    assert site.say(two).status == 400
    assert site.get(f"http://127.0.0.1:{site.port}/").status == 400
    assert site.get("http://evil.example/").status == 400


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "http://evil.example",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1",
        "http://127.0.0.1:{port}.evil.example",
        "http://127.0.0.1:{port}/",
        "http://127.0.0.1:1",
        "",
    ],
)
def test_a_foreign_origin_is_refused_on_every_request(site: Any, origin: str) -> None:
    told = origin.format(port=site.port)
    assert site.get("/", Origin=told).status == 403
    assert site.get("/stream?client=a", Origin=told).status == 403
    assert site.post("/command", {"client": "a", "name": "pause"}, Origin=told).status == 403
    assert site.post("/session", {"token": site.token}, Origin=told).status == 403
    assert site.commands.heard == []
    assert site.post("/session", {"token": site.token}).status == 200  # nothing was used up


def test_a_post_without_an_origin_is_refused(site: Any) -> None:
    assert site.post("/command", {"client": "a", "name": "pause"}, Origin=None).status == 403
    assert site.commands.heard == []
    assert site.post("/command", {"client": "a", "name": "pause"}).status == 200


@pytest.mark.parametrize("place", ["cross-site", "same-site", ""])
def test_what_a_browser_says_comes_from_elsewhere_is_refused(site: Any, place: str) -> None:
    assert site.get("/nothing", Sec_Fetch_Site=place).status == 403
    for own in ("same-origin", "none"):
        assert site.get("/nothing", Sec_Fetch_Site=own).status == 404


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW", "get"])
def test_unknown_methods_are_refused(site: Any, method: str) -> None:
    answer = site.ask(method, "/command", Access_Control_Request_Method="POST", Origin=site.origin)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")
    assert not any(name.startswith("access-control") for name in answer.headers)


def test_each_path_has_one_method(site: Any) -> None:
    for path in ("/session", "/command", "/ask", "/upload", "/link"):
        answer = site.get(path)
        assert (answer.status, answer.headers["allow"]) == (405, "POST")
    for path in ("/", "/stream"):
        answer = site.post(path)
        assert (answer.status, answer.headers["allow"]) == (405, "GET")


def test_without_a_session_there_is_the_page_and_the_way_to_one(serve: Any) -> None:
    site = serve(enter=False)
    assert site.get("/").status in (200, 503)  # 503 says that the page isn't built
    for path in ("/stream?client=a", "/nothing", "/assets/nothing.js"):
        assert site.get(path).status == 401
    for path in ("/command", "/ask", "/upload?name=a.csv", "/link"):
        assert site.post(path, {"client": "a", "name": "pause", "what": "code"}).status == 401
    assert site.commands.heard == []


def test_a_token_is_good_once(serve: Any) -> None:
    site = serve(enter=False)
    for wrong in ("", "x", site.token[:-1], site.token + "x", "\ud800", "ß", 7, None, [site.token]):
        assert site.post("/session", {"token": wrong}).status == 403
    assert site.post("/session", {}).status == 403
    first = site.post("/session", {"token": site.token})
    assert first.status == 200
    again = site.post("/session", {"token": site.token})
    assert again.status == 403
    assert "used" in again.json["error"]
    assert "set-cookie" not in again.headers


def test_a_session_is_a_cookie_that_scripts_and_other_sites_do_not_get(serve: Any) -> None:
    site = serve(enter=False)
    cookie = site.post("/session", {"token": site.token}).headers["set-cookie"]
    pair, *settings = [part.strip().lower() for part in cookie.split(";")]
    name, _, value = pair.partition("=")
    assert {"httponly", "samesite=strict", "path=/"} == set(settings)
    assert name == f"clearprop-{site.port}"  # cookies don't tell ports apart
    assert len(value) == 43 == len(site.token)  # 256 bits in base 64
    for wrong in (f"{name}=", f"{name}={site.token}", f"x{cookie.partition(';')[0]}", f"{name}=ß", "=", ";;"):
        assert site.get("/nothing", Cookie=wrong).status == 401
    assert site.get("/nothing", Cookie=f"a=b; {cookie.partition(';')[0]}; c").status == 404


def test_a_session_opens_others(site: Any) -> None:
    old, token = site.cookie, site.post("/link").json["token"]
    new = site.post("/session", {"token": token}, Cookie=None).headers["set-cookie"].partition(";")[0]
    assert new != old
    assert site.get("/nothing", Cookie=old).status == site.get("/nothing", Cookie=new).status == 404
    assert site.post("/session", {"token": token}).status == 403


TRAVERSAL = [
    "/../../etc/passwd",
    "/assets/../../errors.py",
    "/assets/..%2f..%2ferrors.py",
    "/assets/%2e%2e/%2e%2e/errors.py",
    "/assets/%252e%252e%252ferrors.py",
    "/assets/..%c0%af..%c0%afetc/passwd",
    "/assets/..\\..\\errors.py",
    "/assets/..%5c..%5cerrors.py",
    "/assets/%00",
    "/assets/index.html%00.js",
    "/assets//etc/passwd",
    "//etc/passwd",
    "/assets/",
    "/assets",
    "/./",
    "/index.html",
    "/%2e/",
    "/;/",
    "/assets/C:/Windows/win.ini",
    "/assets/" + "a" * 4000,
    "/" + "a" * 12000,
    "/?" + "a" * 12000,
    "/" + "a" * 60000,
    "file:///etc/passwd",
    "*",
    "etc/passwd",
]


@pytest.mark.parametrize("target", TRAVERSAL)
@pytest.mark.parametrize("session", [True, False])
def test_no_address_becomes_a_path(site: Any, target: str, session: bool) -> None:
    if not session:
        site.cookie = ""
    answer = site.get(target)
    assert 400 <= answer.status < 500
    assert set(answer.json) == {"error"}


def test_every_answer_has_the_headers(site: Any) -> None:
    answers = [
        site.get("/"),
        site.get("/", Host="evil.example"),
        site.get("/nothing"),
        site.get("/nothing", Cookie=""),
        site.post("/"),
        site.ask("OPTIONS", "/"),
        site.post("/link"),
        site.post("/session", b"{"),
        site.post("/command", {"client": "a", "name": "bad"}),
        site.post("/command", {"client": "a", "name": "broken"}),
        site.post("/command", b"x" * 70_000),
        site.say(b"\x16\x03\x01 nonsense\r\n\r\n"),
        site.get("/", Padding="x" * 300_000),
    ]
    statuses = [answer.status for answer in answers]
    assert statuses[1:] == [403, 404, 401, 405, 405, 200, 400, 400, 500, 413, 400, 400]
    for status, headers, _ in answers:
        assert headers["content-security-policy"] == POLICY, status
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["x-frame-options"] == "DENY"
        assert not {"server", "date"} & headers.keys()
        assert not any(name.startswith("access-control") for name in headers)
    stream = site.stream()
    assert POLICY.encode() in stream.recv(2000)


def test_nothing_secret_is_logged(serve: Any, caplog: Any, capfd: Any) -> None:
    with caplog.at_level(logging.DEBUG):
        site = serve(enter=False)
        first = site.token
        site.post("/session", {"token": first})
        site.enter()
        token = site.post("/link").json["token"]
        site.post("/command", {"client": "a", "name": "broken"})
        site.get(f"/?token={token}")
        site.close()
    shown = caplog.text + "".join(capfd.readouterr())
    assert "KeyError" in shown  # what is logged is seen here
    for secret in (first, site.token, site.cookie.partition("=")[2], token):
        assert secret not in shown
