"""Images that a provider fetches from us, once it has the order: they have to be there by then.

What it finds missing it fails the order for, while what keeps them may be away for a minute only.
"""

from __future__ import annotations

from jobs.archive.kept import away, near
from jobs.lifecycle.sending.key_queue import wait
from jobs.models import Job

CODE = "images-away"


def ready(job: Job) -> bool:
    """Whether we can give out the images of an order; if not it stays queued, and says so.

    Where they lie in a bucket this makes the copies that are given out.
    """
    if job.mode == Job.Mode.TEXT:
        return True
    try:
        for use in job.images.select_related("image__rendition__job"):
            # Of what is gone for good the provider tells by itself.
            near.is_there(use.image.kept_as)
    except away.Unreachable as error:
        wait(job, CODE, f"Its images can’t be sent yet: {error}.")
        return False
    return True
