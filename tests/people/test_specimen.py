"""A machine with other CREDENTIAL_KEYS than the database's is to blame, and not the keys."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.test import Client

from jobs import credentials
from jobs.credentials import specimen
from jobs.models import Credential, Job, User
from tests.support import factories, kie
from tests.support.answers.callbacks import job, post, signed
from tests.support.fakes import Wire
from tests.support.media.image_orders import image, order, uploaded
from tests.support.pages.second_factors import STEP, code, half_way, set_up_app
from tests.support.running import drain_queue, follow, read_balances
from tests.support.typed_forms import text

__all__ = ["job", "signed"]

pytestmark = [pytest.mark.django_db, pytest.mark.data]
OURS, OTHER, NEW = (Fernet.generate_key().decode() for _ in range(3))


@pytest.fixture(autouse=True)
def _sealed(settings: Any) -> None:
    settings.CREDENTIAL_KEYS = [OURS]
    specimen.make(adopt=False)


def test_a_machine_with_other_keys_does_not_start(settings: Any) -> None:
    specimen.require()
    settings.CREDENTIAL_KEYS = [OTHER]
    for refused in (specimen.require, lambda: specimen.make(adopt=False)):
        with pytest.raises(specimen.Unfit):
            refused()
    specimen.make(adopt=True)
    specimen.require()


def test_a_machine_that_lacks_the_newest_key_knows_it(settings: Any) -> None:
    settings.CREDENTIAL_KEYS = [NEW, OURS]
    specimen.require()
    settings.CREDENTIAL_KEYS = [OURS]
    assert not specimen.fits()
    settings.CREDENTIAL_KEYS = [OTHER, NEW]
    assert specimen.fits()


def test_rotation_leaves_no_need_for_the_older_key(settings: Any) -> None:
    settings.CREDENTIAL_KEYS = [NEW, OURS]
    call_command("rotate_credential_keys")
    settings.CREDENTIAL_KEYS = [NEW]
    specimen.require()


def test_an_order_waits_for_another_machine_and_no_key_is_marked(
    provider: Wire,
    alice: User,
    key: Credential,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    factories.job(alice)
    factories.job(alice, **order(alice, image(alice)))
    settings.CREDENTIAL_KEYS = [OTHER]
    drain_queue()
    read_balances()
    said = set(Job.objects.values_list("status", "error_code", "error"))
    assert said == {("queued", "waiting", credentials.NOT_HERE)}
    key.refresh_from_db()
    assert (key.state, key.note) == ("ready", "")
    assert provider.connections == 0
    assert [each.message for each in caplog.records if each.levelno == logging.CRITICAL] == [
        specimen.UNFIT
    ]

    settings.CREDENTIAL_KEYS = [OURS]
    provider.answer(json=uploaded(), path="upload")
    provider.answer(json=kie.accepted("one"), path="generate")
    provider.answer(json=kie.accepted("two"), path="generate")
    follow()
    assert set(Job.objects.values_list("status", flat=True)) == {"running"}


def test_asking_about_a_job_marks_no_key_either(
    provider: Wire, alice: User, key: Credential, settings: Any
) -> None:
    running = factories.run(factories.job(alice))
    settings.CREDENTIAL_KEYS = [OTHER]
    follow()
    key.refresh_from_db()
    running.refresh_from_db()
    assert (key.state, running.status) == ("ready", "running")


def test_no_key_is_sealed_where_no_other_machine_could_open_it(
    provider: Wire, alice: User, settings: Any
) -> None:
    before = set(Credential.objects.values_list("sealed_key", flat=True))
    settings.CREDENTIAL_KEYS = [OTHER]
    with pytest.raises(credentials.NotUsable, match="CREDENTIAL_KEYS"):
        credentials.save_key(alice, "kie", "sk-new", actor=alice)
    assert set(Credential.objects.values_list("sealed_key", flat=True)) == before


def test_a_callback_whose_signature_cannot_be_checked_here_comes_again(
    client: Client, provider: Wire, job: Job, signed: str, settings: Any
) -> None:
    settings.CREDENTIAL_KEYS = [OTHER]
    assert post(client, kie.callback_path(provider)).status_code == 503


def test_a_code_that_cannot_be_checked_here_is_no_reason_to_remove_a_second_factor(
    alice: User, settings: Any
) -> None:
    secret, _ = set_up_app(factories.signed_in(alice))
    settings.CREDENTIAL_KEYS = [OTHER]
    said = text(half_way().post(STEP, {"code": code(secret)}))
    assert "can’t check codes at the moment" in said
    assert "Ask an admin to remove it" not in said
