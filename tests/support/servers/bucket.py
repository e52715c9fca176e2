"""Keeping films in a bucket of a real S3 server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any

from botocore import session as botocore
from django.core.files.storage import storages

from jobs.archive.kept.away import BUCKET
from tests.tools.servers import BucketServer, free_port
from veo_site.configuration import storage

_numbers = count()
# Most of what makes a client is to read what S3 is, which is read once for all of them here.
botocore.create_loader = cache(botocore.create_loader)


class Elsewhere:
    """A bucket of its own, as STORAGE_URL would name it, in the settings of a test."""

    def __init__(self, server: BucketServer, settings: Any) -> None:
        self.server, self._settings = server, settings
        self.name = f"films-{next(_numbers)}"
        self.url = f"s3://{self.name}/dailies?endpoint={server.url}"
        self.keep()
        # Its own client would be one more thing to load in every run.
        kept: Any = storages["default"]
        self.client = kept.connection.meta.client
        self.client.create_bucket(Bucket=self.name)

    def keep(self, *, new_on_disk: bool = False, secret: str = "", at: str = "") -> None:
        """Have new files go there, or once more to the disk."""
        found, fault = storage.found(self.url.replace(self.server.url, at or self.server.url))
        assert found, fault
        server = self.server
        places = storage.places(
            found, server.KEY_ID, secret or server.SECRET, new_on_disk=new_on_disk
        )
        self._settings.STORAGES = {**self._settings.STORAGES, **places}
        BUCKET.over()

    def names(self) -> list[str]:
        """All that lies there."""
        listed = self.client.list_objects_v2(Bucket=self.name).get("Contents", [])
        return [each["Key"].removeprefix("dailies/") for each in listed]

    def content_of(self, name: str) -> bytes:
        answer = self.client.get_object(Bucket=self.name, Key=f"dailies/{name}")
        body: bytes = answer["Body"].read()
        return body

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody listens where it is said to be."""
        self.keep(at=f"http://127.0.0.1:{free_port()}")
        try:
            yield
        finally:
            self.keep()
