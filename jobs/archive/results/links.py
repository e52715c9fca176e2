"""Asks a provider for another link to a finished file, where the one we have no longer works."""

from __future__ import annotations

from jobs import directory
from jobs.archive.fetching.download import LinkGone, NotNow
from jobs.models import Job, Rendition
from jobs.providers import base, errors
from jobs.providers.base import UPGRADES, Kind, Work
from jobs.secrets import vault


def looked_up(rendition: Rendition) -> str:
    """The link as the provider's record gives it now.

    Of an upgrade only where it has a record of its own: asking otherwise would order it anew.
    """
    job = rendition.job
    kind = Kind.GENERATE if job.kind in UPGRADES else Kind(job.kind)
    work = Work(job.external_id, kind, model=job.model)
    if job.kind in UPGRADES and job.external_id == job.work.source_id:
        raise LinkGone
    snapshot = directory.client(job.provider).fetch(_key(job), work)
    if snapshot.state == base.State.UNCLEAR:
        raise NotNow("the provider's answer about it cannot be understood")
    urls = [result.url for result in snapshot.results if result.part.value == rendition.part]
    if not urls:
        raise LinkGone
    url = urls[0]
    Rendition.objects.filter(pk=rendition.pk).update(source_url=url)
    rendition.source_url = url
    return url


def renewed(rendition: Rendition) -> str:
    """A fresh link made of the old one (docs/contracts.md, kie 6)."""
    job = rendition.job
    try:
        return directory.client(job.provider).fresh_url(_key(job), rendition.source_url)
    except errors.KeyRejected:
        raise
    except errors.Refused as error:
        raise LinkGone from error


def _key(job: Job) -> str:
    if job.credential is None:
        raise NotNow("there is no key to ask with")
    return vault.unseal(job.credential.sealed_key, job.credential.seal_context)
