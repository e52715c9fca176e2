"""What it means when a bucket does not do what it is asked."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from jobs.archive.kept.away import BUCKET, Unreachable


@contextmanager
def asking(name: str, *, at_once: bool = True) -> Iterator[None]:
    """Raise `OSError` alone: `FileNotFoundError` for what is not there, else `Unreachable`.

    `at_once`: where the bucket was away a moment ago nobody waits for it again.
    """
    if at_once and BUCKET.holds_off:
        raise Unreachable
    try:
        yield
    except ClientError as error:
        raise _meaning(error, name) from error
    except (BotoCoreError, Boto3Error) as error:
        # No more than its name: its words can hold addresses.
        BUCKET.noticed(type(error).__name__)
        raise Unreachable from error
    BUCKET.over()


def _meaning(error: ClientError, name: str) -> OSError:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = error.response.get("Error", {}).get("Code", "")
    if status == 404 and code != "NoSuchBucket":
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
    BUCKET.noticed(f"{status} {code}")
    if status in {401, 403}:
        return Unreachable("the storage for videos refuses the server’s key")
    return Unreachable()
