"""A storage without paths, as object storages are: what it keeps lies in memory."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.files import File
from django.core.files.storage import InMemoryStorage, Storage


class FarStorage(Storage):
    def __init__(self) -> None:
        self._kept = InMemoryStorage()

    def _open(self, name: str, mode: str) -> File[Any]:
        return self._kept.open(name, mode)

    def _save(self, name: str, content: File[Any]) -> str:
        return self._kept.save(name, content)

    def delete(self, name: str) -> None:
        if self.exists(name):
            self._kept.delete(name)

    def exists(self, name: str) -> bool:
        return self._kept.exists(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        return self._kept.listdir(path)

    def get_created_time(self, name: str) -> datetime:
        return self._kept.get_created_time(name)

    def get_modified_time(self, name: str) -> datetime:
        return self._kept.get_modified_time(name)
