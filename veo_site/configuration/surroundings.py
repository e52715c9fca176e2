"""Reads who stands before us: the addresses that people open, and the proxies in between."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urlsplit

from django.core.exceptions import ImproperlyConfigured

Network = IPv4Network | IPv6Network
ANYBODY = ["0.0.0.0/0", "::/0"]
PORTS = {"http": 80, "https": 443}
TOKEN_LENGTH_MIN = 24


def origin(setting: str, address: str) -> str:
    """An address as browsers name where a form comes from: https://dailies.lan, with no path.

    Raises `ImproperlyConfigured` for what is none.
    """
    wrong = ImproperlyConfigured(
        f"{setting}: “{address}” is not an address. Give it whole, such as https://dailies.lan"
    )
    try:
        parts = urlsplit(address.strip().lower())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise wrong from error
    if not host or parts.scheme not in PORTS:
        raise wrong
    host = f"[{host}]" if ":" in host else host
    is_usual = port in (None, PORTS[parts.scheme])
    return f"{parts.scheme}://{host}" + ("" if is_usual else f":{port}")


def origins(trusted: list[str], public_url: str) -> list[str]:
    """All addresses that people open. Raises `ImproperlyConfigured`."""
    found = [origin("TRUSTED_ORIGINS", each) for each in trusted]
    return [*found, origin("PUBLIC_URL", public_url)] if public_url else found


def api(setting: str, address: str) -> str:
    """The base address of an API, without a slash at its end; or nothing.

    Raises `ImproperlyConfigured`, with an address of which not even a part may be a secret.
    """
    if not address.strip():
        return ""
    origin(setting, address)
    parts = urlsplit(address.strip())
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            f"{setting}: give the address alone, such as https://api.example/v1; its key has a "
            "setting of its own."
        )
    return parts.geturl().rstrip("/")


def allowed_host(origin: str) -> str:
    """The host of an origin, as ALLOWED_HOSTS has it: of https://*.dailies.lan all below it."""
    host = urlsplit(origin).hostname or ""
    return f"[{host}]" if ":" in host else host.removeprefix("*")


def ready_at(public_url: str, host: str, port: int) -> str:
    """The address to open, for whoever started the server: not one that only sockets know."""
    if public_url:
        return public_url
    if _is_everywhere(host):
        return f"http://localhost:{port} (and at every address of this machine)"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _is_everywhere(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def is_this_machine(host: str) -> bool:
    """A name or number by which nobody on another machine comes here."""
    host = host.strip().strip("[]").lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def networks(setting: str, values: list[str]) -> list[Network]:
    """Addresses and networks of machines; `*` for all. Raises `ImproperlyConfigured`."""
    found: list[Network] = []
    for value in values:
        for each in ANYBODY if value.strip() == "*" else [value.strip()]:
            try:
                found.append(ip_network(each, strict=False))
            except ValueError as error:
                raise ImproperlyConfigured(
                    f"{setting}: “{value}” is no address or network. Give numbers, such as "
                    "10.0.0.5 or 10.0.0.0/24; * for whoever connects."
                ) from error
    return found


def one_of(setting: str, value: str, *known: str) -> str:
    """One of the known words, or nothing. Raises `ImproperlyConfigured`."""
    if value and value not in known:
        raise ImproperlyConfigured(f"{setting}: “{value}” is none of {', '.join(known)}.")
    return value


def token(setting: str, typed: str) -> str:
    """What a program shows to be let in, long enough not to be guessed; or nothing.

    Raises `ImproperlyConfigured`.
    """
    found = typed.strip()
    if found and (len(found) < TOKEN_LENGTH_MIN or not found.isascii() or " " in found):
        raise ImproperlyConfigured(
            f"{setting}: give at least {TOKEN_LENGTH_MIN} letters and digits, such as "
            "`openssl rand -hex 24` makes."
        )
    return found


def dsn(setting: str, typed: str) -> str:
    """The address of a project in a Sentry, with its public key; or nothing.

    Raises `ImproperlyConfigured`, without the address.
    """
    found = typed.strip()
    try:
        parts = urlsplit(found)
        is_whole = parts.scheme in PORTS and parts.hostname and parts.username and parts.path[1:]
    except ValueError:
        is_whole = False
    if found and not is_whole:
        raise ImproperlyConfigured(
            f"{setting} is no address of a project. Copy it whole, such as "
            "https://key@sentry.example/1"
        )
    return found


def existing_file(path: str) -> str:
    """What SQLite opens as this file if it is there, and never makes."""
    return path if path == ":memory:" else f"file:{quote(path)}?mode=rw"
