"""A plain HTTP client and a receiver of callbacks, both on real sockets."""

import http.client
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from jobs.practice import PracticeServer
from jobs.practice.book.tasks import Task

KIE_KEY, VEO4_KEY = "practice-kie-key", "practice-veo4-key"
VEO4 = "/api/video/veo4"
STREAM = "/api/file-stream-upload"


@dataclass
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def call(
    server: PracticeServer,
    method: str,
    path: str,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    key: str = KIE_KEY,
) -> Reply:
    """One exchange; a header of None is left out."""
    sent: dict[str, Any] = {"User-Agent": "test", "Authorization": f"Bearer {key}"}
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    if data is not None:
        sent["Content-Type"] = "application/json"
    sent |= headers or {}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path, data, {k: v for k, v in sent.items() if v is not None})
        answer = connection.getresponse()
        return Reply(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


class Client:
    """The two providers' calls in short words."""

    def __init__(self, server: PracticeServer, key: str = "") -> None:
        self.server = server
        self.kie_key, self.veo4_key = key or KIE_KEY, key or VEO4_KEY

    def generate(self, prompt: str = "A lake [[seconds=0]]", **fields: Any) -> Reply:
        body = {"prompt": prompt, **fields}
        return call(self.server, "POST", "/api/v1/veo/generate", body, key=self.kie_key)

    def made(self, prompt: str = "A lake [[seconds=0]]", **fields: Any) -> str:
        return str(self.generate(prompt, **fields).json["data"]["taskId"])

    def record(self, task_id: str) -> Reply:
        path = f"/api/v1/veo/record-info?taskId={task_id}"
        return call(self.server, "GET", path, key=self.kie_key)

    def ended(self, task_id: str) -> Any:
        self.wait(task_id)
        return self.record(task_id).json["data"]

    def extend(self, task_id: str, prompt: str = "It goes on", **fields: Any) -> Reply:
        body = {"taskId": task_id, "prompt": prompt, **fields}
        return call(self.server, "POST", "/api/v1/veo/extend", body, key=self.kie_key)

    def extended(self, task_id: str, prompt: str = "It goes on", **fields: Any) -> str:
        return str(self.extend(task_id, prompt, **fields).json["data"]["taskId"])

    def get_1080p(self, task_id: str, index: str = "0") -> Reply:
        path = f"/api/v1/veo/get-1080p-video?taskId={task_id}&index={index}"
        return call(self.server, "GET", path, key=self.kie_key)

    def get_4k(self, task_id: str, **fields: Any) -> Reply:
        body = {"taskId": task_id, "index": 0, **fields}
        return call(self.server, "POST", "/api/v1/veo/get-4k-video", body, key=self.kie_key)

    def finished(self, prompt: str = "A lake", **fields: Any) -> str:
        """The id of a video that is ready, to be built upon; a short one, for it is quick."""
        if "resolution" not in fields:
            fields = {"duration": 4, **fields}
        task_id = self.made(prompt, **fields)
        self.wait(task_id)
        return task_id

    def upgraded(self, task_id: str, kind: str) -> Reply:
        """The upgrade asked for, and asked for again when it has ended."""
        ask = self.get_1080p if kind == "1080p" else self.get_4k
        ask(task_id)
        upgrade = self.upgrade(task_id, kind)
        assert self.server.wait_until(lambda: upgrade.ended is not None, 60), "it never ended"
        return ask(task_id)

    def upgrade(self, task_id: str, kind: str) -> Task:
        """The one upgrade of that kind."""
        (found,) = (
            task
            for task in self.server.tasks
            if task.kind == kind and task.source is not None and task.source.id == task_id
        )
        return found

    def renewed(self, url: str) -> str:
        """A fresh link to the same file."""
        path = "/api/v1/common/download-url"
        return str(call(self.server, "POST", path, {"url": url}, key=self.kie_key).json["data"])

    def upload(self, content: bytes, name: str = "", kind: str = "image/png", **more: Any) -> Reply:
        """One file as browsers' forms send it."""
        parts = [
            b'Content-Disposition: form-data; name="file"; filename="x"\r\n'
            + f"Content-Type: {kind}\r\n\r\n".encode()
            + content
        ]
        texts = {"uploadPath": "images/test", "fileName": name, **more}
        for field_name, value in texts.items():
            if value:
                head = f'Content-Disposition: form-data; name="{field_name}"\r\n\r\n'
                parts.append(f"{head}{value}".encode())
        body = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=edge"}
        return call(self.server, "POST", STREAM, body, headers, key=self.kie_key)

    def credit(self) -> float:
        answer = call(self.server, "GET", "/api/v1/chat/credit", key=self.kie_key)
        return float(answer.json["data"])

    def veo4(self, prompt: str = "A lake [[seconds=0]]", **fields: Any) -> Reply:
        body = {"prompt": prompt, **fields}
        return call(self.server, "POST", f"{VEO4}/generate", body, key=self.veo4_key)

    def status(self, task_id: str) -> Reply:
        return call(self.server, "GET", f"{VEO4}/status?task_id={task_id}", key=self.veo4_key)

    def veo4_ended(self, prompt: str) -> Any:
        task_id = self.veo4(prompt).json["task_id"]
        self.wait(task_id)
        return self.status(task_id).json

    def wait(self, task_id: str) -> None:
        task = next(each for each in self.server.tasks if each.id == task_id)
        assert self.server.wait_until(lambda: task.ended is not None, 60), "the task never ended"

    def fetch(self, url: str, **headers: str) -> Reply:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return call(self.server, "GET", url.removeprefix(self.server.url), headers=sent)


@dataclass
class Inbox:
    """Keeps every callback that arrives; answers with the given statuses, then with 200."""

    statuses: list[int] = field(default_factory=list)
    received: list[Reply] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __enter__(self) -> "Inbox":
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with inbox.changed:
                    inbox.received.append(Reply(0, dict(self.headers.items()), body))
                    status = inbox.statuses.pop(0) if inbox.statuses else 200
                    inbox.changed.notify_all()
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def wait(self, count: int = 1) -> list[Reply]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.received) >= count, 10)
            return list(self.received)
