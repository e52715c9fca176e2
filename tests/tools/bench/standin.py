"""A provider that takes every submission at once: `python -m tests.tools.bench.standin PORT`."""

from __future__ import annotations

import socket
import sys
from uuid import uuid4

from tests.support import kie
from tests.support.servers.messages import dump, head, read_request


def serve(port: int) -> None:
    with socket.create_server(("127.0.0.1", port), backlog=64) as listener:
        while True:
            connection, _ = listener.accept()
            with connection:
                if read_request(connection):
                    content = dump(kie.accepted(uuid4().hex))
                    connection.sendall(head(200, content, {}) + content)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
