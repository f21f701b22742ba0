"""A server on this machine that lies, breaks off and changes its mind, as it is told."""

import io
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.acquisition import Means, Patience
from benchmarks.acquisition.transfer_progress import TransferProgress

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """Serves `content` at every path, and knows ranges; before that, the answers that were `scripted`, one each."""

    port: int
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"ETag": '"first"'})
    scripted: list[Answer] = field(default_factory=list)
    requests: list[tuple[str, Message]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/file.bin"

    @property
    def ranges(self) -> list[str | None]:
        """What was asked for, a request each."""
        return [headers["Range"] for _, headers in self.requests]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.requests.append((handler.path, handler.headers))
        (self.scripted.pop(0) if self.scripted else self.honest())(handler)

    def honest(self, *, at_most: int | None = None, with_ranges: bool = True) -> Answer:
        """As a good server does; or one that closes the connection after so many bytes, or knows no ranges."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            asked = re.fullmatch(r"bytes=(\d+)-", handler.headers["Range"] or "")
            unchanged = handler.headers["If-Range"] in self.headers.values()
            start = int(asked[1]) if asked and unchanged and with_ranges else 0
            headers = {**self.headers, "Content-Length": str(len(self.content) - start)}
            if start >= len(self.content) > 0:
                self.says(416)(handler)
                return
            if start:
                headers["Content-Range"] = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
            self.says(206 if start else 200, headers, self.content[start:][:at_most])(handler)

        return answer

    def says(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Exactly that, and closes the connection."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in (headers or {}).items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(body)

        return answer

    def hangs(self, *, after: int) -> Answer:
        """Falls silent after so many bytes, but keeps the connection open."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            self.honest(at_most=after)(handler)
            handler.wfile.flush()
            self.released.wait(30)

        return answer


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    class Listener(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            pass  # the client has left: some tests kill it

    with Listener(("127.0.0.1", 0), Handler) as listener:
        served = Server(port=listener.server_port)
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield served
        finally:
            served.released.set()
            listener.shutdown()
            thread.join()


@pytest.fixture
def said() -> io.StringIO:
    """What was told the user."""
    return io.StringIO()


@pytest.fixture
def progress(said: io.StringIO) -> TransferProgress:
    return TransferProgress(Console(file=said))


@pytest.fixture
def patience() -> Patience:
    """Enough for a server on this machine, and no more."""
    return Patience(timeout=0.3, attempts=3, pause=0.001)


@pytest.fixture
def means(tmp_path: Path, patience: Patience, progress: TransferProgress) -> Means:
    return Means(lock=tmp_path / "checksums.lock", patience=patience, progress=progress)
