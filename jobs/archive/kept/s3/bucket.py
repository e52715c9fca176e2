"""Keeps files in a bucket of an S3 server, by way of django-storages; loaded where there is one.

Whatever goes wrong in it is an `OSError`: `FileNotFoundError` for what is not there, `Unreachable`
where nothing is known.
"""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from storages.backends.s3 import S3Storage

from jobs.archive.kept.away import Unreachable
from jobs.archive.kept.s3.asking import asking
from jobs.archive.kept.s3.content import Content, Sent
from jobs.archive.kept.s3.sums import PIECE, Sums, sums_of

READ_AT_ONCE = 256 * 1024
CLIENT = {
    "signature_version": "s3v4",
    "connect_timeout": 3,
    "read_timeout": 20,
    "retries": {"mode": "standard", "total_max_attempts": 2},
    # Trailing checksums are Amazon's own; the hash of each piece is signed instead (see below).
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
}


class Damaged(OSError):
    """The bucket kept something else than what it was sent."""

    def __init__(self) -> None:
        super().__init__("the storage for videos did not keep it as it was sent")


class Listed(NamedTuple):
    """A file as the listing of its folder tells of it."""

    size: int
    etag: str
    modified: datetime


class Bucket(S3Storage):  # type: ignore[misc]  # django-storages carries no types
    """One for each process: its connections are shared by threads, and not with what it forks."""

    def __init__(self, *, by_path: bool, **options: Any) -> None:
        style = {"addressing_style": "path" if by_path else "virtual"}
        super().__init__(
            **options,
            # Each request carries the SHA-256 of what it sends in its signature, whatever the line:
            # a server that got something else refuses it.
            client_config=Config(**CLIENT, s3={**style, "payload_signing_enabled": True}),
            transfer_config=TransferConfig(
                multipart_threshold=PIECE, multipart_chunksize=PIECE, use_threads=False
            ),
        )
        self._made: tuple[int, Any] = (0, None)

    @property
    def connection(self) -> Any:
        made_by, made = self._made
        if made_by != os.getpid():
            made = self._create_session().resource(
                "s3",
                region_name=self.region_name,
                endpoint_url=self.endpoint_url,
                config=self.client_config,
            )
            self._made = (os.getpid(), made)
        return made

    @property
    def bucket(self) -> Any:
        return self.connection.Bucket(self.bucket_name)

    # ── Reading ──────────────────────────────────────────────────────────────
    def _open(self, name: str, mode: str = "rb") -> io.BufferedReader:
        told = self._head(name)
        read_from = partial(self._from, name, told["ETag"])
        content = Content(name, told["ContentLength"], read_from)
        return io.BufferedReader(content, READ_AT_ONCE)

    def fetch(self, name: str, target: Path) -> None:
        """Write it into a file of ours, whole."""
        with asking(name):
            answer = self._client.get_object(**self._key(name))
            with target.open("wb") as file:
                for piece in answer["Body"].iter_chunks(READ_AT_ONCE):
                    file.write(piece)
        if target.stat().st_size != answer["ContentLength"]:
            raise Unreachable

    def _from(self, name: str, etag: str, start: int) -> Any:
        """What stands from a byte on, of this very version."""
        with asking(name):
            asked = {"Range": f"bytes={start}-", "IfMatch": etag}
            return self._client.get_object(**self._key(name), **asked)["Body"]

    def exists(self, name: str) -> bool:
        try:
            self._head(name)
        except FileNotFoundError:
            return False
        return True

    def get_modified_time(self, name: str) -> datetime:
        modified: datetime = self._head(name)["LastModified"]
        return modified

    get_created_time = get_modified_time

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with asking(name):
            folders, files = super().listdir(name)
        return folders, files

    def listed(self, folder: str) -> dict[str, Listed]:
        """What lies in a folder, by its names in it; of the folders in it nothing."""
        above = f"{self._normalize_name(folder)}/"
        pages = self._client.get_paginator("list_objects_v2")
        with asking(folder):
            return {
                each["Key"].removeprefix(above): Listed(
                    each["Size"], each["ETag"].strip('"'), each["LastModified"]
                )
                for page in pages.paginate(Bucket=self.bucket_name, Prefix=above, Delimiter="/")
                for each in page.get("Contents", ())
            }

    def signed(self, name: str, seconds: int, method: str, headers: Mapping[str, str]) -> str:
        """An address by which anybody reads it for so long; its answer has these headers.

        Made here, without asking the server.
        """
        said = {f"Response{header.replace('-', '')}": text for header, text in headers.items()}
        address: str = self._client.generate_presigned_url(
            "head_object" if method == "HEAD" else "get_object",
            Params={**self._key(name), **said},
            ExpiresIn=seconds,
        )
        return address

    # ── Keeping ──────────────────────────────────────────────────────────────
    def send(self, name: str, path: Path, beat: Callable[[], None] = lambda: None) -> None:
        """Keep a file whole, and look whether it arrived. `beat` is called while it is read.

        Raises `Damaged` where something else arrived.
        """
        sums = sums_of(path)
        with path.open("rb") as file, asking(name, at_once=False):
            self._save(name, Sent(file, beat, sums.sha256))
        if not self.has(name, path.stat().st_size, sums):
            self.delete(name)
            raise Damaged

    def has(self, name: str, size: int, sums: Sums) -> bool:
        """It lies there, whole, and is this very content."""
        try:
            told = self._head(name)
        except FileNotFoundError:
            return False
        return told["ContentLength"] == size and self._is(name, told["ETag"], sums)

    def _is(self, name: str, etag: str, sums: Sums) -> bool:
        # Of what a server keeps encrypted the ETag is no sum of its content.
        return etag.strip('"') == sums.etag or self.sha256(name) == sums.sha256

    def sha256(self, name: str) -> str:
        """The hash of what lies there, all of which is read for it."""
        digest = hashlib.sha256()
        with self._open(name) as file:
            while piece := file.read(READ_AT_ONCE):
                digest.update(piece)
        return digest.hexdigest()

    def noted_sha256(self, name: str) -> str:
        """The hash that it was sent with, as the server tells it; '' for none."""
        # Headers come in any case, and so do their names.
        noted = {key.lower(): text for key, text in self._head(name)["Metadata"].items()}
        return str(noted.get("sha256", ""))

    def rename(self, name: str, other: str) -> None:
        """Give it another name."""
        self.copy(name, other)
        self.delete(name)

    def copy(self, name: str, other: str) -> None:
        """Have it under another name as well; no byte of it comes here."""
        was = self._head(name)
        with asking(name):
            self._client.copy_object(**self._key(other), CopySource=self._key(name))
        # Some servers take a copy for an empty file.
        if self._head(other)["ContentLength"] != was["ContentLength"]:
            self.delete(other)
            raise Damaged

    def delete(self, name: str) -> None:
        with asking(name):
            super().delete(name)

    def clear_unfinished(self, seconds: float) -> int:
        """Take back what was begun so long ago, by workers that died at it; how many."""
        gone, oldest = 0, time.time() - seconds
        with asking(""):
            pages = self._client.get_paginator("list_multipart_uploads")
            for page in pages.paginate(Bucket=self.bucket_name, Prefix=self.location):
                for each in page.get("Uploads", ()):
                    if each["Initiated"].timestamp() < oldest:
                        key = {"Bucket": self.bucket_name, "Key": each["Key"]}
                        self._client.abort_multipart_upload(**key, UploadId=each["UploadId"])
                        gone += 1
        return gone

    def _get_write_parameters(self, name: str, content: Any = None) -> dict[str, Any]:
        parameters: dict[str, Any] = super()._get_write_parameters(name, content)
        return {**parameters, "Metadata": {"sha256": content.sha256}} if content else parameters

    @property
    def whereabouts(self) -> str:
        """For people who run the server."""
        return f"the bucket {self.bucket_name}/{self.location} at {self.endpoint_url}"

    # ── Asking ───────────────────────────────────────────────────────────────
    @property
    def _client(self) -> Any:
        return self.connection.meta.client

    def _key(self, name: str) -> dict[str, str]:
        return {"Bucket": self.bucket_name, "Key": self._normalize_name(name)}

    def _head(self, name: str) -> dict[str, Any]:
        with asking(name):
            told: dict[str, Any] = self._client.head_object(**self._key(name))
            return told
