"""Where the server listens, what it says, and that it is gone afterwards."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import Any

import pytest

from clearprop.errors import InputError
from clearprop.live.recording import Recording
from clearprop.live.server import Server
from clearprop.live.server.addresses import allowed_hosts, origin


def server(**settings: Any) -> Server:
    return Server(Recording(), None, None, **settings)  # pyright: ignore[reportArgumentType] - nobody commands here


def test_by_default_only_this_machine_can_reach_it(serve: Any, capfd: Any) -> None:
    site = serve(enter=False)
    other = socket.socket()
    other.settimeout(0.5)
    with pytest.raises(OSError):  # noqa: PT011 - refused or unreachable, by the system
        other.connect(("127.0.0.2", site.port))
    other.close()
    assert site.origin == f"http://127.0.0.1:{site.port}"
    assert capfd.readouterr() == ("", "")


def test_an_open_address_is_warned_of_once(serve: Any, capfd: Any) -> None:
    site = serve(enter=False, host="0.0.0.0")  # noqa: S104 - what is tested
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "other machines" in said
    assert site.token not in said
    assert site.get("/nothing", Host=f"0.0.0.0:{site.port}").status == 401
    assert site.get("/nothing", Host=f"evil.example:{site.port}").status == 403
    assert site.origin == f"http://127.0.0.1:{site.port}"


def test_the_sixth_version_has_its_own_name() -> None:
    try:
        made = server(host="::1")
        url = made.start()
    except InputError:
        pytest.skip("this machine has no IPv6")
    port = int(url.partition("/#")[0].rpartition(":")[2])
    try:
        assert url.startswith(f"http://[::1]:{port}/#token=")
        with socket.create_connection(("::1", port)) as link:
            link.sendall(f"GET /nothing HTTP/1.1\r\nHost: [::1]:{port}\r\n\r\n".encode())
            assert link.recv(12) == b"HTTP/1.1 401"
    finally:
        made.stop()
    assert "[::1]:1" not in allowed_hosts("127.0.0.1", 1)


def test_hosts_are_written_as_browsers_write_them() -> None:
    assert "mybox.local:8000" in allowed_hosts("MyBox.local", 8000)
    assert {"127.0.0.1", "127.0.0.1:80"} < allowed_hosts("127.0.0.1", 80)  # a browser leaves port 80 out
    assert "127.0.0.1" not in allowed_hosts("127.0.0.1", 8080)
    assert origin("192.168.1.5", 8000) == "http://192.168.1.5:8000"
    assert origin("::", 8000) == "http://[::1]:8000"


def test_a_given_port_is_used_and_can_be_used_again() -> None:
    first = server()
    port = int(first.start().partition("/#")[0].rpartition(":")[2])
    with pytest.raises(InputError, match=f"port {port}.*choose another one, or port 0"):
        server(port=port).start()
    with socket.create_connection(("127.0.0.1", port)) as link:
        link.sendall(b"GET / HTTP/1.1\r\n")
        first.stop()  # closes the connection first: the system holds on to its port for a while
        assert link.recv(1) == b""
    again = server(port=port)
    assert f":{port}/" in again.start()
    assert again.start() != again.start()  # running already: another link to it
    again.stop()


@pytest.mark.parametrize(
    ("host", "port"), [("127.0.0.1", 70000), ("127.0.0.1", -1), ("nowhere.invalid", 0), ("192.0.2.1", 0)]
)
def test_an_address_that_is_none_of_this_machine_is_refused(host: str, port: int) -> None:
    with pytest.raises(InputError):
        server(host=host, port=port).start()


def test_a_server_can_start_again() -> None:
    made = server()
    made.stop()  # not started: nothing
    first = made.start()
    made.stop()
    again = made.start().partition("/#")[0]
    assert again == first.partition("/#")[0]
    socket.create_connection(("127.0.0.1", int(again.rpartition(":")[2]))).close()
    made.stop()


def test_a_missing_library_is_named_with_its_remedy() -> None:
    code = "import sys; sys.modules['uvicorn'] = None; import clearprop.live.server"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert "MissingExtraError" in found.stderr
    assert "pip install 'clearprop[live]'" in found.stderr


def test_nothing_else_loads_the_network_libraries() -> None:
    code = (
        "import sys, clearprop.live, clearprop.live.recording, clearprop.live.commands, clearprop.live.sources.uploads;"
        "assert not {'starlette', 'uvicorn', 'h11', 'anyio', 'clearprop.live.server'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - ours
