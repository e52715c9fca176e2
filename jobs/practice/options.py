"""Settings of a practice provider, from Python or from the command line."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from jobs.practice.faults.table import described
from jobs.practice.faults.tags import known

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Options:
    """Every setting. Times are seconds; a key is written ``key`` or ``key@account``."""

    host: str = "127.0.0.1"
    port: int = 0
    public_url: str = ""
    kie_keys: Sequence[str] = ("practice-kie-key",)
    veo4_keys: Sequence[str] = ("practice-veo4-key",)
    kie_hmac_key: str = ""
    veo4_signature_header: str = ""
    veo4_signature_secret: str = ""
    balance: Decimal = Decimal("5000.25")
    rate_limit: int = 20
    rate_seconds: float = 10.0
    seconds: float = 12.0
    queue_seconds: float = 2.0
    fps: int = 24
    reuse_films: bool = False
    renderers: int = 1
    keep_films: int = 200
    faults: Sequence[str] = ()
    fault_rate: float = 1.0
    seed: int = 0
    unknown_record: str = "422"
    callback_timeout: float = 15.0
    callback_pause: float = 5.0
    idle_seconds: float = 60.0
    keep: str = ""
    """The folder that outlives the process; without one everything goes with it."""
    verbose: bool = False


def parse(argv: Sequence[str] | None) -> Options:
    """Options from a command line; exits with a message where it makes no sense."""
    parser = _parser()
    given = vars(parser.parse_args(argv))
    strangers = given.pop("i_know")
    if given["host"] not in LOOPBACK and not strangers:
        parser.error("anyone could use it there: add --i-know to listen beyond this machine")
    for fault in given["faults"]:
        if not known(fault.split("=", 1)[0]):
            parser.error(f"unknown fault {fault}; see --help")
    defaults = Options()
    given = {name: value for name, value in given.items() if value not in (None, [])}
    return Options(**{**vars(defaults), **given})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="practice",
        description="A stand-in for kie and veo4: their HTTP contracts, real films, no costs.",
        epilog="faults, for --fault NAME or as [[NAME]] in a prompt:\n" + described(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--host", default="127.0.0.1", help="address to listen on (loopback only, but see --i-know)"
    )
    add("--i-know", action="store_true", help="listen beyond this machine, without any protection")
    add("--port", type=int, default=8900, help="port, 0 for any free one (default 8900)")
    add(
        "--public-url", help="how clients reach it, for result addresses (default http://HOST:PORT)"
    )
    add(
        "--kie-key",
        dest="kie_keys",
        action="append",
        default=[],
        help="key or key@account, repeatable",
    )
    add("--veo4-key", dest="veo4_keys", action="append", default=[], help="the same for veo4")
    add("--kie-hmac-key", help="sign kie's callbacks with this key")
    add("--veo4-signature-header", help="header for veo4's callback signature")
    add("--veo4-signature-secret", help="its secret (hexadecimal HMAC-SHA256 of the body)")
    add("--balance", type=Decimal, help="credits of each account (default 5000.25)")
    add("--rate-limit", type=int, help="creations an account may ask for in 10 s (default 20)")
    add("--seconds", type=float, help="how long a task takes (default 12)")
    add("--queue-seconds", type=float, help="how long it waits before that (default 2)")
    add("--fps", type=int, choices=range(1, 61), metavar="N", help="frames a second (default 24)")
    add(
        "--reuse-films",
        action="store_true",
        help="one film for all tasks of the same size and length",
    )
    add("--renderers", type=int, choices=(1, 2), help="films rendered at the same time (default 1)")
    add(
        "--fault",
        dest="faults",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="see below",
    )
    add("--fault-rate", type=float, help="share of submissions that get each --fault (default 1)")
    add("--seed", type=int, help="makes the choice of faults repeatable (default 0)")
    add(
        "--unknown-record",
        choices=("422", "null"),
        help="kie's answer about a task it does not know",
    )
    add("--keep", metavar="FOLDER", help="go on after a restart with what is kept there")
    add("--verbose", action="store_true", help="say on standard error what happens")
    return parser
