"""What a provider says of work that no video owns."""

from __future__ import annotations

from django.conf import settings

from jobs import credentials, directory
from jobs.letters import isolated
from jobs.letters.explained import Explained
from jobs.lifecycle.outcome.proving import is_proof
from jobs.models import Job, Stray
from jobs.models.jobs.status import Status
from jobs.providers import PROVIDERS, errors
from jobs.providers.base import Kind, Snapshot, State, Work
from jobs.providers.declarations import Provider
from jobs.secrets import vault


class NotAdopted(Explained):
    """Nothing has changed; the sentence says why."""


def asked_about(stray: Stray, model: str) -> Snapshot:
    """What the provider says of it, where that is a finished video. No transaction is open.

    It is asked as for a longer film: of one the whole counts, and not its new end alone. Which API
    knows the id depends on the model, which is only guessed at: where one does not, others may.
    """
    if stray.credential is None:
        raise NotAdopted("The key that it was made with is gone, so we can’t ask for it.")
    if stray.credential.practice != settings.PRACTICE:
        raise NotAdopted("It was made in the other mode. Switch back to adopt it.")
    _require_free(stray)
    try:
        key = vault.unseal(stray.credential.sealed_key, stray.credential.seal_context)
        client, snapshot = directory.client(stray.provider), Snapshot(State.MISSING)
        for guess in _guesses(PROVIDERS[stray.provider], model):
            snapshot = client.fetch(key, Work(stray.external_id, Kind.EXTEND, model=guess))
            if snapshot.state != State.MISSING:
                break
    except vault.Unreadable as error:
        raise NotAdopted(credentials.why_unreadable()) from error
    except errors.ProviderError as error:
        raise NotAdopted(error.user_message) from error
    _require_made(snapshot)
    _require_no_doubt(stray, snapshot)
    return snapshot


def _guesses(provider: Provider, model: str) -> list[str]:
    """This model, and one of each other API that the provider has."""
    known = provider.model(model)
    of_apis = {each.api: each.name for each in reversed(provider.models)}
    others = [name for api, name in of_apis.items() if known is None or api != known.api]
    return [known.name, *others] if known else others


def _require_free(stray: Stray) -> None:
    jobs = Job.objects.filter(provider=stray.provider, external_id=stray.external_id)
    if jobs.exists():
        raise NotAdopted("This ID already belongs to a video here.")


def _require_made(snapshot: Snapshot) -> None:
    match snapshot.state:
        case State.SUCCEEDED if snapshot.results:
            return
        case State.WAITING | State.RUNNING:
            raise NotAdopted("It isn’t finished yet. Try again in a few minutes.")
        case State.FAILED:
            raise NotAdopted("The provider couldn’t make it, so there is no video. Discard it.")
        case _:
            raise NotAdopted("The provider doesn’t know this ID, asked with this key.")


def _require_no_doubt(stray: Stray, snapshot: Snapshot) -> None:
    """What is in doubt here, and shows to be this, gets it by its own page, and pays for it."""
    doubted = Job.objects.filter(
        provider=stray.provider, status=Status.UNCERTAIN, external_id="", kind=Job.Kind.GENERATE
    )
    if PROVIDERS[stray.provider].echoes:
        for job in doubted:
            if is_proof(job, stray.external_id, snapshot):
                raise NotAdopted(
                    f"It is {isolated(job.label[:60])}, which needs a look. Attach the ID "
                    f"{stray.external_id} on its page instead."
                )
