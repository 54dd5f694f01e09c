"""Who may come in: tokens that open one session each, and the sessions' cookies. Nothing of it leaves this memory."""

from __future__ import annotations

import hmac
import secrets
from collections import deque
from collections.abc import Iterable
from threading import Lock

_MOST = 64  # tokens, and sessions: beyond, the oldest is forgotten


class Sessions:
    """Tokens of 256 bits, each good once, and the cookie values of 256 bits that they were exchanged for.

    Examples
    --------
    >>> sessions = Sessions()
    >>> token = sessions.token()
    >>> cookie = sessions.exchange(token)
    >>> sessions.knows(cookie), sessions.exchange(token)
    (True, None)
    """

    def __init__(self) -> None:
        self._lock = Lock()  # tokens are also made by whoever prints a link
        self._tokens: deque[str] = deque(maxlen=_MOST)
        self._cookies: deque[str] = deque(maxlen=_MOST)

    def token(self) -> str:
        """Return a new token."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._tokens.append(token)
        return token

    def exchange(self, token: str) -> str | None:
        """Use a token up; return the new session's cookie value, or None if the token is wrong or used."""
        with self._lock:
            for known in _equal(token, self._tokens):
                self._tokens.remove(known)
                self._cookies.append(secrets.token_urlsafe(32))
                return self._cookies[-1]
        return None

    def knows(self, cookie: str) -> bool:
        """Whether a cookie's value is a session's."""
        with self._lock:
            return bool(_equal(cookie, self._cookies))


def _equal(given: str, known: Iterable[str]) -> list[str]:
    """Return what equals the given, in a time that doesn't tell how much of it was right."""
    text = given.encode("utf-8", "surrogatepass")  # JSON may hold half a surrogate pair
    return [each for each in known if hmac.compare_digest(text, each.encode())]
