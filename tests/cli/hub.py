"""A stand-in for the hub: a folder served as its API and downloads serve a repository."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


class Hub:
    """Repositories by id, each a folder at one commit.

    asked  paths of all requests with their Range; `cut` names a file whose connection breaks
    half-way, and after that answers nothing but errors until it is emptied.
    """

    def __init__(self, repositories: dict[str, Path]) -> None:
        self.repositories = repositories
        self.commit = "c0ffee" + "0" * 34
        self.card: dict[str, str] = {"license": "apache-2.0"}
        self.gated = self.down = False
        self.cut = ""
        self.asked: list[tuple[str, str, str]] = []
        self.url = ""

    def fetched(self) -> list[str]:
        """Files whose bytes were sent."""
        return [path.split("/resolve/")[-1] for how, path, _ in self.asked if how == "GET"]

    def ranges(self, file: str) -> list[str]:
        """The ranges that were asked of a file."""
        return [r for how, path, r in self.asked if how == "GET" and path.endswith(file) and r]

    @contextmanager
    def open(self) -> Iterator[Hub]:
        hub = self

        class Handler(_Handler):
            of = hub

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    of: Hub

    def log_message(self, *args: Any) -> None:
        """Nothing."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path).strip("/")
        self.of.asked.append((self.command, path, self.headers.get("Range", "")))
        if path.startswith("api/models/"):
            return self._api(path.removeprefix("api/models/").split("/"))
        repository, _, rest = path.partition("/resolve/")
        revision, _, name = rest.partition("/")
        folder = self.of.repositories.get(repository)
        if folder is None or not (folder / name).is_file():
            return self._error(404, "EntryNotFound")
        assert revision == self.of.commit, "downloads have to name the commit"
        return self._file(folder / name)

    def _api(self, parts: list[str]) -> None:
        folder = self.of.repositories.get("/".join(parts[:2]))
        if folder is None:
            return self._error(404, "RepoNotFound")
        if self.of.gated:
            return self._error(403, "GatedRepo")
        revision = parts[3] if len(parts) > 3 else "main"
        if revision not in ("main", self.of.commit):
            return self._error(404, "RevisionNotFound")
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        if parts[2:3] == ["tree"]:
            return self._json([self._entry(path, folder, "path") for path in files])
        told = {"id": "/".join(parts[:2]), "sha": self.of.commit, "cardData": self.of.card}
        siblings = [self._entry(path, folder, "rfilename") for path in files]
        return self._json({**told, "siblings": siblings})

    def _entry(self, path: Path, folder: Path, key: str) -> dict[str, Any]:
        data = path.read_bytes()
        told: dict[str, Any] = {
            key: path.relative_to(folder).as_posix(),
            "type": "file",
            "size": len(data),
            "oid": hashlib.sha1(data).hexdigest(),
            "blobId": hashlib.sha1(data).hexdigest(),
        }
        if path.suffix in (".safetensors", ".bin"):
            sha256 = hashlib.sha256(data).hexdigest()
            told["lfs"] = {"size": len(data), "pointerSize": 1, "sha256": sha256, "oid": sha256}
        return told

    def _file(self, path: Path) -> None:
        data = path.read_bytes()
        asked = self.headers.get("Range", "")
        start, _, end = asked.removeprefix("bytes=").partition("-")
        part = data[int(start or 0) : int(end) + 1 if end else None]
        if self.of.down and self.command == "GET":
            return self._error(500, "")
        self.send_response(206 if asked else 200)
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", self.of.commit)
        self.send_header("Content-Length", str(len(part)))
        if asked:
            first = int(start or 0)
            self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(data)}")
        self.end_headers()
        if self.command == "GET":
            whole = not self.of.cut or not path.as_posix().endswith(self.of.cut) or end
            self.wfile.write(part if whole else part[: len(part) // 2])
            if not whole:
                self.of.cut, self.of.down = "", True
                self.close_connection = True
        return None

    def _json(self, told: object) -> None:
        data = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _error(self, code: int, name: str) -> None:
        self.send_response(code)
        self.send_header("X-Error-Code", name)
        self.send_header("Content-Length", "0")
        self.end_headers()
