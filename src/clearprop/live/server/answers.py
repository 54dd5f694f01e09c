"""What every answer carries, and how a refusal looks."""

from __future__ import annotations

import json
from http import HTTPStatus

Headers = list[tuple[bytes, bytes]]

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "worker-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SECURITY: Headers = [
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]
"""Headers of every answer, errors too. There are none of CORS: no other page may read anything."""
NO_STORE = (b"cache-control", b"no-store")


class Refused(Exception):  # noqa: N818 - it isn't an error of ours: it is an answer
    """A request that is answered with a status and a sentence; raised anywhere below the guard.

    Examples
    --------
    >>> Refused(404, "there is nothing at this address").status
    404
    """

    def __init__(self, status: int, sentence: str, headers: Headers | None = None) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.headers = status, sentence, headers or []

    @property
    def body(self) -> bytes:
        """The answer's body, ``{"error": sentence}``."""
        return json.dumps({"error": self.sentence}).encode()

    def raw(self) -> bytes:
        """Return the whole answer as it goes over a connection that is closed then; for where there is no request."""
        headers = [
            *SECURITY,
            NO_STORE,
            (b"content-type", b"application/json"),
            (b"content-length", str(len(self.body)).encode()),
            (b"connection", b"close"),
        ]
        first = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}".encode()
        return b"\r\n".join([first, *(name + b": " + value for name, value in headers), b"", self.body])
