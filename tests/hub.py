"""A hub on this machine for tests: models in memory, downloads that break off, ranges."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
Files = dict[str, bytes]


@dataclass
class Hub:
    """What it holds, and what it was asked. `left`: bytes of bodies until the line is dead."""

    models: dict[str, Files]
    endpoint: str = ""
    left: int | None = None
    gated: set[str] = field(default_factory=set)
    ranges: list[tuple[str, str]] = field(default_factory=list)  # file, what was asked for of it
    asked: int = 0


@contextmanager
def serving(models: dict[str, Files]) -> Iterator[Hub]:
    """A hub at `endpoint` while the block runs."""
    hub = Hub(models)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: Any) -> None:
            pass

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            hub.asked += 1
            path = self.path.partition("?")[0].strip("/")
            if path.startswith("api/models/"):
                self._tell(path.removeprefix("api/models/"))
                return
            name, _, rest = path.partition("/resolve/")
            content = hub.models.get(name, {}).get(rest.partition("/")[2])
            if content is None:
                self._refuse(404, "EntryNotFound")
            else:
                self._send(rest.partition("/")[2], content, body)

        def _tell(self, path: str) -> None:
            name = "/".join(path.split("/")[:2])
            if name in hub.gated:
                self._refuse(403, "GatedRepo")
                return
            if name not in hub.models:
                self._refuse(404, "RepoNotFound")
                return
            files = [
                {"rfilename": file, "size": len(data)} for file, data in hub.models[name].items()
            ]
            told = {"id": name, "modelId": name, "sha": COMMIT, "siblings": files, "tags": []}
            self._plain(200, json.dumps(told).encode())

        def _send(self, file: str, content: bytes, body: bool) -> None:
            begin, asked = 0, self.headers.get("Range", "")
            if asked.startswith("bytes="):
                begin = int(asked.removeprefix("bytes=").partition("-")[0])
            if body:
                hub.ranges.append((file, asked))
            self.send_response(206 if begin else 200)
            self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(content) - begin))
            if begin:
                whole = f"bytes {begin}-{len(content) - 1}/{len(content)}"
                self.send_header("Content-Range", whole)
            self.end_headers()
            if not body:
                return
            rest = content[begin:]
            if hub.left is None or len(rest) <= hub.left:
                self.wfile.write(rest)
            else:
                self.wfile.write(rest[: hub.left])
                self.wfile.flush()
                self.connection.close()
                self.close_connection = True
            if hub.left is not None:
                hub.left = max(0, hub.left - len(rest))

        def _refuse(self, status: int, code: str) -> None:
            self.send_response(status)
            self.send_header("X-Error-Code", code)
            self.send_header("X-Error-Message", code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _plain(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda request, address: None  # type: ignore[method-assign,assignment]
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
