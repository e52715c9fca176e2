"""A real nginx, set up by the very example that docs/proxies gives."""

from __future__ import annotations

import os
import re
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tests import ROOT
from tests.support.servers import certificates
from tests.tools.servers import ServerMissing, data_folder, free_port, running

NAME, HERE = "dailies.example", "127.0.0.1"
NOTHING: Mapping[str, str] = MappingProxyType({})
EXAMPLE = ROOT / "docs" / "proxies" / "nginx.conf"
AROUND = """
{user}
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/start.log;
events {{ worker_connections 4096; }}
http {{
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/dailies.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    folder: Path
    port: int
    plain_port: int

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def certificate(self) -> str:
        return str(self.folder / "cert.pem")

    @property
    def log(self) -> str:
        """Everything that it wrote, about whatever."""
        paths = [*self.folder.glob("*.log"), self.folder / "log"]
        return "".join(path.read_text() for path in paths)


@contextmanager
def nginx(upstream: int, media: Path, more: Mapping[str, str] = NOTHING) -> Iterator[Proxy]:
    """In front of a server at a port of this machine, with the example's paths replaced.

    And with what `more` replaces, by patterns.
    """
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        raise ServerMissing("There is no nginx: apt-get install nginx")
    with data_folder() as folder:
        proxy = Proxy(folder, free_port(), free_port())
        certificates.write(folder / "cert.pem", NAME, HERE, key_path=folder / "cert.key")
        changes = {
            **more,
            r"server 127\.0\.0\.1:8000;": f"server 127.0.0.1:{upstream};",
            r"listen 80;": f"listen 127.0.0.1:{proxy.plain_port};",
            r"listen 443": f"listen 127.0.0.1:{proxy.port}",
            r"/etc/ssl/dailies\.pem": f"{folder}/cert.pem",
            r"/etc/ssl/dailies\.key": f"{folder}/cert.key",
            r"/var/log/nginx/": f"{folder}/",
            r"/srv/dailies/media/": f"{media}/",
        }
        text = EXAMPLE.read_text()
        for what, into in changes.items():
            text, number = re.subn(what, into, text)
            assert number, f"the example no longer has {what}"
        (folder / "dailies.conf").write_text(text)
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(AROUND.format(user=user, folder=folder))
        command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        with running(command, folder, lambda: listens(proxy.port)):
            yield proxy


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True
