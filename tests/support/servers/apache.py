"""A real Apache, set up by the very example that docs/proxies gives."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import ROOT
from tests.support.servers import certificates
from tests.support.servers.nginx import HERE, NAME, Proxy, listens
from tests.tools.servers import ServerMissing, data_folder, free_port, running

EXAMPLE = ROOT / "docs" / "proxies" / "apache.conf"
MODULES = Path("/usr/lib/apache2/modules")
USUAL = ("mpm_event", "authz_core", "alias", "env", "filter", "mime", "setenvif", "deflate")
"""Those of Debian's that are enabled without a word of ours, as far as they could matter."""
NEEDED = {"proxy_http": ("proxy",), "ssl": ("socache_shmcb",)}
"""What `a2enmod` enables along with another."""
NOBODY = (
    *("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
    *("--inh-caps=+dac_override", "--ambient-caps=+dac_override"),
)
"""Apache does not work as root. It may read all the same what a test makes, as root alone can."""
AROUND = """
ServerRoot {folder}
ServerName {name}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/start.log
{modules}
TypesConfig {folder}/mime.types
Listen 127.0.0.1:{plain_port}
Listen 127.0.0.1:{port}
AccessFileName .htaccess
<Directory />
    AllowOverride None
    Require all denied
</Directory>
Include {folder}/dailies.conf
"""
"""As Debian's apache2.conf around it, for one user on one machine."""


@contextmanager
def apache(upstream: int, media: Path) -> Iterator[Proxy]:
    """In front of a server at a port of this machine, with the example's paths replaced."""
    program = shutil.which("apache2") or shutil.which("apache2", path="/usr/sbin")
    if program is None or not (MODULES / "mod_xsendfile.so").exists():
        raise ServerMissing(
            "There is no Apache: apt-get install apache2-bin libapache2-mod-xsendfile"
        )
    with data_folder() as folder:
        proxy = Proxy(folder, free_port(), free_port())
        certificates.write(folder / "cert.pem", NAME, HERE, key_path=folder / "cert.key")
        text = EXAMPLE.read_text()
        (enabled,) = re.findall(r"#   a2enmod (.+?) &&", text)
        changes = {
            r"127\.0\.0\.1:8000": f"127.0.0.1:{upstream}",
            r"\*:80>": f"127.0.0.1:{proxy.plain_port}>",
            r"\*:443>": f"127.0.0.1:{proxy.port}>",
            r"/etc/ssl/dailies\.pem": f"{folder}/cert.pem",
            r"/etc/ssl/dailies\.key": f"{folder}/cert.key",
            r"/var/log/apache2/dailies": f"{folder}/dailies",
            r"(?<=XSendFilePath )\S+": str(media),
        }
        for what, into in changes.items():
            text, number = re.subn(what, into, text)
            assert number, f"the example no longer has {what}"
        (folder / "dailies.conf").write_text(text)
        names = [
            *USUAL,
            *(each for name in enabled.split() for each in (*NEEDED.get(name, ()), name)),
        ]
        around = AROUND.format(
            folder=folder,
            name=NAME,
            modules="\n".join(
                f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in names
            ),
            port=proxy.port,
            plain_port=proxy.plain_port,
        )
        (folder / "apache2.conf").write_text(around)
        # As /etc/mime.types has it.
        (folder / "mime.types").write_text("video/mp4 mp4\nimage/webp webp\n")
        command = [program, "-f", str(folder / "apache2.conf"), "-DFOREGROUND"]
        before = NOBODY if os.geteuid() == 0 else ()
        with running([*before, *command], folder, lambda: listens(proxy.port)):
            yield proxy
