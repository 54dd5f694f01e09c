"""Where the server listens, and by which names a browser may reach it."""

from __future__ import annotations

import ipaddress
import os
import socket

from clearprop.errors import InputError

_UNDER_WAY = 128 * 1024  # bytes


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at one address; port 0 takes a free one.

    Raises
    ------
    InputError
        If the port isn't one or is taken, or the host isn't an address of this machine.
    """
    if not 0 <= port <= 65535:
        raise InputError(f"expected a port from 1 to 65535, or 0 for a free one; got {port}")
    try:
        family, _, _, _, address = socket.getaddrinfo(_numeric(host), port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise InputError(f"expected an address of this machine as host; got {host!r} ({error})") from error
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # a port that was in use a moment ago; on Windows this would let two servers share it
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Every connection inherits this: a slow viewer has little under way, so what it gets is new, and each third of
        # it that is read can be seen here.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNDER_WAY)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        reason = error.strerror or error
        raise InputError(
            f"can't listen at {host} port {port} ({reason}); choose another one, or port 0 for one that is free"
        ) from error
    return listener


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(_numeric(host)).is_loopback
    except ValueError:
        return False


def allowed_hosts(host: str, port: int) -> frozenset[str]:
    """Return the Host headers that name this server, exactly as they must come.

    Any other name that leads here is somebody else's, who may have pointed it at this machine (DNS rebinding).

    Examples
    --------
    >>> sorted(allowed_hosts("127.0.0.1", 8000))
    ['127.0.0.1:8000', 'localhost:8000']
    >>> sorted(allowed_hosts("::1", 8000))
    ['127.0.0.1:8000', '[::1]:8000', 'localhost:8000']
    """
    names = {"127.0.0.1", "localhost", _written(host)}
    if host == "::":
        names.add("[::1]")
    whole = {f"{name}:{port}" for name in names}
    return frozenset(whole | names if port == 80 else whole)


def origin(host: str, port: int) -> str:
    """Return the address of the page itself, for a browser on this machine where the host stands for any address.

    Examples
    --------
    >>> origin("::1", 8000), origin("0.0.0.0", 8000)
    ('http://[::1]:8000', 'http://127.0.0.1:8000')
    """
    return f"http://{ {'0.0.0.0': '127.0.0.1', '::': '[::1]'}.get(host) or _written(host) }:{port}"  # noqa: S104 - read


def _numeric(host: str) -> str:
    return "127.0.0.1" if host == "localhost" else host  # not whichever of two addresses comes first


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host.lower()
