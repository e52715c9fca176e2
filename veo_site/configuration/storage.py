"""Reads STORAGE_URL: a bucket of any server that speaks S3, instead of this machine's disk."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

EXAMPLE = "s3://bucket/folder?region=eu-central-1, or …?endpoint=https://s3.example"
STYLES = ("path", "host")
_FOLDER = re.compile(r"[\w.-]+(/[\w.-]+)*", re.ASCII)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)


class Wrong(Exception):
    """STORAGE_URL is no address of a bucket; says why, and nothing of what could be a secret."""


class Bucket(NamedTuple):
    """A bucket, as STORAGE_URL names it."""

    name: str
    folder: str
    """All that is ours in it lies below this; empty for all of it."""
    region: str
    endpoint: str
    """The address of the server."""
    by_path: bool
    """The bucket stands in the path of an address, and not in the name of its host."""

    @property
    def origin(self) -> str:
        """Where browsers fetch films from."""
        if self.by_path:
            return self.endpoint
        scheme, _, host = self.endpoint.partition("://")
        return f"{scheme}://{self.name}.{host}"

    def options(self, key_id: str, secret: str) -> dict[str, Any]:
        """What the storage is made of. Without keys those of the machine are looked for."""
        keys = {"access_key": key_id, "secret_key": secret, "security_token": None}
        return {
            "bucket_name": self.name,
            "location": self.folder,
            "region_name": self.region,
            "endpoint_url": self.endpoint,
            "by_path": self.by_path,
            **(keys if key_id else {}),
        }


def read(url: str) -> Bucket:
    """Take STORAGE_URL apart. Raises `Wrong`."""
    try:
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))
        endpoint = urlsplit(asked.get("endpoint", ""))
        name = endpoint.hostname or ""
        # An IPv6 number has brackets around it, which `hostname` takes away.
        host = f"[{name}]" if ":" in name else name
        host += f":{endpoint.port}" if endpoint.port else ""
    except ValueError as error:
        if not url.partition("?")[2]:
            return read(f"{url.rstrip('?')}?region=")
        raise Wrong(f"it can’t be read. Write it as {EXAMPLE}.") from error
    if "@" in parts.netloc or "@" in endpoint.netloc:
        raise Wrong("keys don’t belong in it. Give them in STORAGE_KEY_ID and STORAGE_SECRET.")
    if parts.scheme != "s3" or not _BUCKET.fullmatch(parts.netloc):
        raise Wrong(f"it names no bucket. Write it as {EXAMPLE}.")
    folder = parts.path.strip("/")
    if folder and (not _FOLDER.fullmatch(folder) or ".." in folder):
        raise Wrong("its folder may hold letters, digits, “.”, “-”, “_” and “/” alone.")
    if unknown := asked.keys() - {"region", "endpoint", "style"}:
        raise Wrong(f"“{min(unknown)}” is none of region, endpoint, style.")
    if asked.get("style", "path") not in STYLES:
        raise Wrong(f"its style is none of {', '.join(STYLES)}.")
    if "endpoint" in asked:
        return _at_endpoint(parts.netloc, folder, asked, endpoint.scheme, host)
    if not (region := asked.get("region", "")):
        raise Wrong("it has neither a region (of Amazon’s) nor an endpoint (of any other server).")
    # A certificate is good for one name before Amazon’s, and not for one with a point in it.
    by_path = asked.get("style") == "path" or "." in parts.netloc
    return Bucket(parts.netloc, folder, region, f"https://s3.{region}.amazonaws.com", by_path)


def _at_endpoint(name: str, folder: str, asked: dict[str, str], scheme: str, host: str) -> Bucket:
    if scheme not in {"http", "https"} or not host:
        raise Wrong("its endpoint is not an address such as https://s3.example.")
    if urlsplit(asked["endpoint"]).path.strip("/"):
        raise Wrong("its endpoint is a server’s address alone, with nothing behind the host.")
    by_path = asked.get("style", "path") == "path"
    if not by_path and host.startswith("["):
        raise Wrong("style=host needs an endpoint with a name: a number has no names below it.")
    return Bucket(name, folder, asked.get("region") or "us-east-1", f"{scheme}://{host}", by_path)


def found(url: str) -> tuple[Bucket | None, str]:
    """The bucket of STORAGE_URL, if there is one, and what is wrong with the address."""
    if not url:
        return None, ""
    try:
        return read(url), ""
    except Wrong as error:
        return None, str(error)


def places(bucket: Bucket | None, key_id: str, secret: str, *, new_on_disk: bool) -> dict[str, Any]:
    """Where new files go (`default`), and where others may lie (`former`): see `archive.kept`."""
    disk = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    if bucket is None:
        return {"default": disk}
    far = {
        "BACKEND": "jobs.archive.kept.s3.bucket.Bucket",
        "OPTIONS": bucket.options(key_id, secret),
    }
    return {"default": disk, "former": far} if new_on_disk else {"default": far, "former": disk}


def of_pages(*, from_source: bool) -> dict[str, Any]:
    """Where the static files of pages are: as they are written, or collected under their hashes."""
    kind = "SourceStorage" if from_source else "CollectingStorage"
    return {"BACKEND": f"veo_site.collecting.{kind}"}
