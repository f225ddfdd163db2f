"""Requests to one server: who is asked with which key, what is tried again, what is said when not.

Asking again is only right where it cannot film twice: reading always is; sending a shot is where
the server knows the request by its key, where it was never reached, or where it said itself that it
did not take it (429, 503 with Retry-After). The key goes to the server's own origin and nowhere
else, redirects included. What a server says in an error is passed on in one line, without addresses
and paths, which are nobody's business further down the chain.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit

import httpx

from laterna.engines.remote.target import KEY, Target
from laterna.errors import EngineError

__all__ = ["Answer", "Gone", "Refused", "Wire"]

AGAIN = (408, 425, 429, 500, 502, 503, 504)
BACKOFF = (0.3, 0.6, 1.2, 2.5, 5.0)  # seconds between tries; the last one repeats
CONNECT, READ, UPLOAD = 10.0, 60.0, 300.0  # seconds
MAX_BYTES = 8 << 30  # of a film; a minute without loss at the largest size
HOPS = 3
SHOWN = 240  # characters of a server's own words

Pause = Callable[[float], None]


class Refused(EngineError):
    """The server answered with an error; `status` says which, `told` is its body."""

    def __init__(self, message: str, status: int, told: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.status, self.told = status, told


class Gone(Refused):
    """404 or 410: what was asked for is not there, or no more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON object and what its headers say."""

    told: dict[str, Any]
    headers: Mapping[str, str]


class Wire:
    """One server. `pause` waits between tries; `outage` is how long it may be out of reach."""

    def __init__(self, target: Target, *, outage: float, pause: Pause = time.sleep) -> None:
        self.target, self.outage, self.pause = target, outage, pause
        key = target.key()
        self._key = key
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(READ, connect=CONNECT, write=UPLOAD),
            follow_redirects=False,
            trust_env=not target.local,
        )

    def close(self) -> None:
        """Let go of its connections."""
        self._client.close()

    def get(self, path: str, *, tries: int | None = None) -> Answer:
        """GET JSON; tried again for as long as an outage may last, or `tries` times.

        Raises Refused (Gone for 404 and 410) and EngineError.
        """
        return self._answer(self._ask("GET", path, True, tries))

    def post(self, path: str, *, safe: bool, quick: bool = False, **body: Any) -> Answer:
        """POST; tried again after any failure where it is `safe`, or, where it has to be `quick`,
        once and not for long. Raises as `get`.
        """
        if quick:
            body["timeout"] = CONNECT
        return self._answer(self._ask("POST", path, safe, 1 if quick else None, **body))

    def drop(self, method: str, path: str) -> None:
        """Tell the server that something is not wanted any more. Never raises, never waits long."""
        with suppress(httpx.HTTPError, EngineError):
            for again in (True, False):
                response = self._client.request(method, self._url(path), timeout=CONNECT)
                if response.status_code != 409 or not again:  # 409: still busy stopping
                    return
                time.sleep(BACKOFF[1])

    def download(self, path: str, to: Path, *, url: str = "") -> None:
        """GET a file, going on where a broken connection left off. Raises as `get`.

        `url` is another address to fetch it from, where the server names one.
        """
        address = url or self._url(path)
        since, turn = time.monotonic(), 0
        with to.open("wb") as file:
            part = _Part(file)
            while True:
                before = file.tell()
                try:
                    whole = self._fetch(address, part)
                except (httpx.TransportError, Refused) as error:
                    if isinstance(error, Refused) and error.status not in AGAIN:
                        raise
                    if file.tell() > before:
                        since, turn = time.monotonic(), 0
                    self._wait_or_raise(error, since, turn)
                    turn += 1
                    continue
                if whole:
                    return

    def _fetch(self, address: str, part: _Part) -> bool:
        """Fetch what is missing; False where it has to be begun anew."""
        file, have = part.file, part.file.tell()
        headers = {"Accept-Encoding": "identity"}
        if have and part.mark:
            headers |= {"Range": f"bytes={have}-", "If-Range": part.mark}
        with self._follow(address, headers) as response:
            if response.status_code == 416:
                part.begin("")
                return False
            if response.status_code not in (200, 206):
                response.read()
                raise self._refusal(response)
            mark = response.headers.get("etag", "")
            if response.status_code == 200:  # from its beginning
                part.begin("" if mark.startswith("W/") else mark)
            elif not response.headers.get("content-range", "").startswith(f"bytes {have}-"):
                raise self._error("sent another part of the film than was asked for")
            for block in response.iter_raw():  # as it comes: what is gathered is lost with the line
                file.write(block)
                if file.tell() > MAX_BYTES:
                    raise self._error(f"sends a film of over {MAX_BYTES >> 30} GB")
                self.pause(0.0)
        file.flush()
        return True

    def _follow(self, address: str, headers: Mapping[str, str]) -> Any:
        """A stream of what lies at `address`, redirects followed without the key."""
        for _ in range(HOPS):
            request = self._client.build_request("GET", address, headers=headers)
            if _origin(address) != _origin(self.target.base):
                request.headers.pop("Authorization", None)
                if urlsplit(address).scheme != "https":
                    raise self._error(
                        "keeps its films elsewhere without TLS, which is not followed"
                    )
            response = self._client.send(request, stream=True)
            if not response.has_redirect_location:
                return _Closing(response)
            address = urljoin(address, response.headers["location"])
            response.close()
        raise self._error("sends from one address to the next")

    def _ask(
        self, method: str, path: str, safe: bool, tries: int | None, **body: Any
    ) -> httpx.Response:
        since, turn = time.monotonic(), 0
        while True:
            trouble: Exception
            try:
                response = self._client.request(method, self._url(path), **body)
            except httpx.TransportError as error:
                reached = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                if reached and not safe:
                    raise self._error(
                        "did not say whether it took the shot; look there before filming it anew"
                    ) from error
                trouble = error
            else:
                refused = self._judged(response)
                if refused is None:
                    return response
                took_nothing = response.status_code == 429 or "retry-after" in response.headers
                if refused.status not in AGAIN or not (safe or took_nothing):
                    raise refused
                if refused.told.get("status") == "failed":  # the job's failure, not the server's
                    raise refused
                trouble = refused
                self._wait_as_told(response)
            turn += 1
            if tries is not None and turn >= tries:
                raise self._given_up(trouble) from trouble
            self._wait_or_raise(trouble, since, turn - 1)

    def _wait_as_told(self, response: httpx.Response) -> None:
        told = response.headers.get("retry-after", "")
        if told.isdecimal():
            self.pause(min(float(told), 30.0))

    def _wait_or_raise(self, trouble: Exception, since: float, turn: int) -> None:
        if time.monotonic() - since > self.outage:
            raise self._given_up(trouble) from trouble
        self.pause(BACKOFF[min(turn, len(BACKOFF) - 1)])

    def _given_up(self, trouble: Exception) -> EngineError:
        if isinstance(trouble, EngineError):
            return trouble
        return self._error("cannot be reached; is it running, and is its address right?")

    def _judged(self, response: httpx.Response) -> Refused | None:
        """What is wrong with an answer."""
        if response.has_redirect_location:
            return Refused(
                "the remote server has moved; give its new address", response.status_code, {}
            )
        return None if response.is_success else self._refusal(response)

    def _refusal(self, response: httpx.Response) -> Refused:
        told = _object(response)
        status = response.status_code
        if status in (401, 403):
            message = f"the remote server wants another key; set {KEY}"
            return Refused(message, status, told)
        words = self.clean(_words(told)) or f"it answered {status}"
        kind = Gone if status in (404, 410) else Refused
        return kind(f"the remote server refused: {words}", status, told)

    def clean(self, words: object) -> str:
        """A server's words as one line that may be shown to anyone."""
        text = " ".join(str(words).split())
        if self._key:
            text = text.replace(self._key, "...")
        text = re.sub(r"\w+://\S+", "(address)", text)
        text = re.sub(r"(?<![\w.])/(?:[\w.@+-]+/)+[\w.@+-]*", "(path)", text)
        text = "".join(letter for letter in text if letter.isprintable())
        return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."

    def _answer(self, response: httpx.Response) -> Answer:
        try:
            told = response.json()
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise self._error("answers with something else than JSON; does it speak /v1/videos?")
        return Answer(told, response.headers)

    def _error(self, what: str) -> EngineError:
        return EngineError(f"the remote server {what}")

    def _url(self, path: str) -> str:
        return self.target.base + path


@dataclass(slots=True)
class _Part:
    """A file that grows, and the mark (ETag) of what it is part of."""

    file: BinaryIO
    mark: str = ""

    def begin(self, mark: str) -> None:
        self.file.seek(0)
        self.file.truncate()
        self.mark = mark


class _Closing:
    """A response as a context."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response

    def __enter__(self) -> httpx.Response:
        return self.response

    def __exit__(self, *trouble: object) -> None:
        self.response.close()


def _origin(address: str) -> tuple[str, str, int]:
    parts = urlsplit(address)
    return (
        parts.scheme,
        parts.hostname or "",
        parts.port or (443 if parts.scheme == "https" else 80),
    )


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        told = response.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _words(told: Mapping[str, Any]) -> object:
    """The message in the shapes servers give errors: OpenAI's, FastAPI's, or a plain one."""
    error = told.get("error")
    if isinstance(error, dict):
        return error.get("message") or error.get("code") or ""
    detail = told.get("detail")
    if isinstance(detail, list) and detail and isinstance(detail[0], dict):
        where = ".".join(str(step) for step in detail[0].get("loc", ()) if step != "body")
        return f"{where}: {detail[0].get('msg', '')}"
    return error or detail or told.get("message") or ""
