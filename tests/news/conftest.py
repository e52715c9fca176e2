"""A file that is still at the provider, as the archive's tests have one."""

from tests.archive.conftest import waiting

__all__ = ["waiting"]
