"""OpenStack Swift with its S3 API, all of it in one process; run by the system's Python.

Debian packages it for that Python alone, whose path is the first line of its own programs:
`python3 bucket_server.py FOLDER PORT KEY_ID SECRET`. What it keeps lies below FOLDER, one replica
on one disk. Its four servers and their rings are Swift's own; only its memcached is a dictionary.
"""

import sys
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import eventlet

eventlet.monkey_patch()

from eventlet import wsgi  # noqa: E402
from swift.account.server import AccountController  # noqa: E402
from swift.common import utils  # noqa: E402
from swift.common.ring import RingData  # noqa: E402
from swift.common.wsgi import loadapp  # noqa: E402
from swift.container.server import ContainerController  # noqa: E402
from swift.obj.server import ObjectController  # noqa: E402

PROXY = """
[DEFAULT]
swift_dir = {folder}
[pipeline:main]
pipeline = catch_errors s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
dns_compliant_bucket_names = false
[filter:tempauth]
use = egg:swift#tempauth
user_test_{key_id} = {secret} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""


class Memory:
    """What the servers remember, for as long as this process lives."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def get(self, key: str, **_: Any) -> Any:
        return self.kept.get(key)

    def set(self, key: str, value: Any, **_: Any) -> None:
        self.kept[key] = value

    def delete(self, key: str, **_: Any) -> None:
        self.kept.pop(key, None)

    def incr(self, key: str, delta: int = 1, **_: Any) -> int:
        self.kept[key] = int(self.kept.get(key, 0)) + delta
        total: int = self.kept[key]
        return total


class Remembering:
    """Stands for the middleware that asks memcached."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self.app = app
        self.memory = Memory()

    def __call__(self, env: dict[str, Any], start_response: Any) -> Any:
        env["swift.cache"] = self.memory
        return self.app(env, start_response)


def main(folder: Path, port: int, key_id: str, secret: str) -> None:
    utils.HASH_PATH_PREFIX, utils.HASH_PATH_SUFFIX = b"", b"dailies"
    logger = utils.get_logger({}, "swift")
    (folder / "disks" / "one").mkdir(parents=True, exist_ok=True)
    own = {"devices": str(folder / "disks"), "mount_check": "false", "swift_dir": str(folder)}
    kinds = {"account": AccountController, "container": ContainerController}
    for kind, server in (*kinds.items(), ("object", ObjectController)):
        listener = eventlet.listen(("127.0.0.1", 0))
        disk = {"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "weight": 1.0}
        disk |= {"port": listener.getsockname()[1], "device": "one"}
        disk |= {"replication_ip": disk["ip"], "replication_port": disk["port"]}
        RingData([array("H", [0])], [disk], 32).save(str(folder / f"{kind}.ring.gz"))
        eventlet.spawn(wsgi.server, listener, server(own), logger, debug=False, log_output=False)
    conf = folder / "proxy-server.conf"
    conf.write_text(PROXY.format(folder=folder, key_id=key_id, secret=secret))
    proxy = Remembering(loadapp(str(conf), allow_modify_pipeline=False))
    listener = eventlet.listen(("127.0.0.1", port))
    wsgi.server(listener, proxy, logger, debug=False, log_output=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5])
