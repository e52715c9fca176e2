"""``make thirdparty``: somebody else's client of kie.ai, against the practice provider.

It was written for kie.ai itself: where it gets what it expects, the stand-in is like kie.ai.
It is an MCP server on npm, installed into var/ and spoken to over its standard input and output.
It can generate, ask, upgrade to 1080P and upload; it cannot extend or upgrade to 4K.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from jobs.practice import Options, PracticeServer
from tests.practice.kie.test_uploads import PNG
from tests.support.servers.practice_client import KIE_KEY, Client, Inbox
from tests.tools import npm
from tests.tools.npm import Missing, say

PACKAGE, VERSION = "@felores/kie-ai-mcp-server", "5.0.0"
# It takes uploads for good only where they are said to lie behind https.
PUBLIC = "https://practice.example"
PATIENCE = 60.0


def install() -> Path:
    """The client's program, downloaded the first time."""
    package = f"{PACKAGE}@{VERSION}"
    # Of all its packages only the database's needs a binary.
    modules = npm.install("thirdparty", package, before="2026-11-20", builds="sqlite3")
    return modules / PACKAGE / "dist" / "index.js"


class Stranger:
    """The client as a process: one line of JSON for each call, one for each answer."""

    def __init__(self, program: Path, practice: PracticeServer, callback: str, folder: str) -> None:
        here = f"http://127.0.0.1:{practice.port}"
        surroundings = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "KIE_AI_API_KEY": KIE_KEY,
            "KIE_AI_BASE_URL": f"{here}/api/v1",
            "KIE_AI_FILE_UPLOAD_BASE_URL": here,
            "KIE_AI_CALLBACK_URL": callback,
            "KIE_AI_CALLBACK_URL_FALLBACK": callback,
            "KIE_AI_DB_PATH": f"{folder}/tasks.db",
            "KIE_AI_ALLOW_DIRECT_GENERATION": "true",
        }
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            ["node", str(program)],
            env=surroundings,
            stdin=pipe,
            stdout=pipe,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._number = 0
        self._ask(
            "initialize",
            {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "practice", "version": "1"},
            },
        )
        self._write({"method": "notifications/initialized"})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.communicate(timeout=PATIENCE)

    def use(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """What one of its tools says."""
        result = self._ask("tools/call", {"name": tool, "arguments": arguments})
        told: dict[str, Any] = json.loads(result["content"][0]["text"])
        return told

    def _ask(self, method: str, params: dict[str, Any]) -> Any:
        self._number += 1
        self._write({"id": self._number, "method": method, "params": params})
        for line in _open(self._process.stdout):
            answer = json.loads(line)
            if answer.get("id") == self._number:
                assert "result" in answer, answer
                return answer["result"]
        raise SystemExit("the client ended early")

    def _write(self, message: dict[str, Any]) -> None:
        pipe = _open(self._process.stdin)
        pipe.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        pipe.flush()


def _open(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def until(wanted: Callable[[], Any]) -> Any:
    """The first answer that is not empty."""
    deadline = time.monotonic() + PATIENCE
    while not (found := wanted()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.5)
    return found


def generates(stranger: Stranger, practice: PracticeServer, inbox: Inbox) -> str:
    """From the prompt to the film, and the news of it."""
    made = stranger.use("veo3_generate_video", prompt="A lake", model="veo3_fast", seeds=12345)
    task_id = str(made["task_id"])
    record = until(lambda: _ended(stranger, task_id))
    assert record["successFlag"] == 1, record
    url = record["response"]["resultUrls"][0]
    assert Client(practice).fetch(url.removeprefix(PUBLIC)).body[4:8] == b"ftyp"
    assert inbox.wait()[0].json["data"]["taskId"] == task_id
    return task_id


def _ended(stranger: Stranger, task_id: str) -> Any:
    record = stranger.use("get_task_status", task_id=task_id)["api_response"]["data"]
    return record if record["successFlag"] else None


def fails(stranger: Stranger, _practice: PracticeServer, _inbox: Inbox) -> None:
    """A failure that shows in the record, and a refusal that shows at once."""
    made = stranger.use("veo3_generate_video", prompt="A lake [[fail-policy]]")
    record = until(lambda: _ended(stranger, made["task_id"]))
    assert (record["successFlag"], record["errorCode"]) == (3, 400), record
    refused = stranger.use("veo3_generate_video", prompt="A lake [[refuse-402]]")
    assert not refused["success"], refused
    assert "credits" in json.dumps(refused), refused


def enlarges(stranger: Stranger, practice: PracticeServer, inbox: Inbox) -> None:
    """1080P, first not ready and then there, paid for once."""
    task_id = generates(stranger, practice, inbox)

    def link() -> Any:
        answer = stranger.use("veo3_get_1080p_video", task_id=task_id, index=0)["response"]
        return answer["data"] if answer["code"] == 200 else None

    assert link() is None, "the first question starts the work"
    assert until(link)["resultUrl"].startswith(f"{PUBLIC}/files/")
    charged = [task.charged for task in practice.tasks if task.kind == "1080p"]
    assert charged == [5], charged


def uploads(stranger: Stranger, practice: PracticeServer, _inbox: Inbox) -> None:
    """A picture, which then lies where the answer says."""
    content = base64.b64encode(PNG).decode()
    told = stranger.use(
        "upload_file", file_base64=content, content_type="image/png", file_name="a.png"
    )
    assert (told["file_size"], told["mime_type"]) == (len(PNG), "image/png"), told
    path = told["download_url"].removeprefix(PUBLIC)
    assert Client(practice).fetch(path).body == PNG


def main() -> int:
    """0 when it got what it expects, or is not to be had here; else an error's traceback."""
    try:
        program = install()
    except Missing as reason:
        say(f"Skipped: {PACKAGE} {VERSION} is not to be had here: {reason}.")
        return 0
    options = Options(public_url=PUBLIC, seconds=1, queue_seconds=0, fps=4, callback_pause=0)
    for check in (generates, fails, enlarges, uploads):
        with (
            PracticeServer(options) as practice,
            Inbox() as inbox,
            tempfile.TemporaryDirectory() as folder,
            Stranger(program, practice, inbox.url, folder) as stranger,
        ):
            check(stranger, practice, inbox)
        say(f"{check.__name__}: as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
