"""What PostgreSQL keeps of the questions that a connection asks again and again."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client


@pytest.mark.django_db
@pytest.mark.data
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans nothing to speak of")
def test_what_a_page_asks_again_is_planned_once(alice_client: Client) -> None:
    for _ in range(5):
        assert alice_client.get("/").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement ~ 'jobs_job'")
        assert cursor.fetchone() > (3,)


@pytest.mark.django_db
@pytest.mark.data
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans nothing to speak of")
def test_a_plan_that_is_kept_knows_what_is_the_same_each_time(alice_client: Client) -> None:
    """Not that few jobs wait for a budget, it would read them all to find that none does."""
    for _ in range(5):
        assert alice_client.get("/").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement ~ 'awaiting_budget'"
        )
        assert cursor.fetchone() >= (1,)
