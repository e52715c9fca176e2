"""Whether browsers have passkeys at the address at which we are asked."""

from __future__ import annotations

from ipaddress import ip_address

from django.http import HttpRequest
from django.http.request import split_domain_port


def passkeys_work(request: HttpRequest) -> bool:
    """They belong to a name, and browsers have them over https alone, or on one's own machine."""
    host, _ = split_domain_port(request.get_host())
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return request.is_secure() or host == "localhost" or host.endswith(".localhost")
    return False
