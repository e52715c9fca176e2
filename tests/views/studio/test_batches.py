"""A table of orders in the browser: handed in, corrected, confirmed once, and followed."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jobs import batches, ledger, lifecycle
from jobs.models import Batch, Job, Price, User
from jobs.net.floods import Limit
from tests.support import factories
from tests.support.limited import allow
from tests.support.states.tables import confirmed, draft, table
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db


def hand_in(client: Client, content: str | bytes, **fields: Any) -> Any:
    """Paste a table, or choose a file with these bytes."""
    key = {"submission_key": str(uuid4()), **fields}
    if isinstance(content, bytes):
        return client.post("/batches/", {"file": SimpleUploadedFile("my.csv", content), **key})
    return client.post("/batches/", {"text": content, **key})


def order(client: Client, path: str, **fields: Any) -> Any:
    """Press the button of the confirmation, as the page shows it now."""
    page = client.get(path).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    chosen = re.search(r'value="(\w+)"[^>]*\bchecked', page)
    assert seen
    assert chosen
    shown = {"order": "1", "seen": seen[1], "choice": chosen[1]}
    return client.post(path, {**shown, **fields})


@pytest.mark.data
def test_a_file_is_looked_through_and_ordered_by_one_confirmation(
    alice: User, alice_client: Client
) -> None:
    content = "Prompt;Ratio;Notes\r\nA heron;09:16;first\r\nA crane;;\r\n".encode("utf-8-sig")
    path = hand_in(alice_client, content).headers["Location"]
    shown = text(alice_client.get(path))
    assert "2 videos, 120 credits" in shown
    assert "Your budget holds all of them." in shown
    assert "Not used: Notes" in shown
    assert not Job.objects.exists()
    assert order(alice_client, path).headers["Location"] == path
    batch = Batch.objects.get()
    batches.go_on(batch.pk)
    assert [(job.prompt, job.aspect_ratio) for job in Job.objects.order_by("created_at", "pk")] == [
        ("A heron", "9:16"),
        ("A crane", "16:9"),
    ]
    after = text(alice_client.get(path))
    assert "0 of 2 finished" in after
    assert "2 queued" in after


def test_bad_cells_are_told_and_the_table_comes_back_to_be_corrected(
    alice_client: Client,
) -> None:
    typed = "prompt,duration\nA heron,5\nA crane,8"
    path = hand_in(alice_client, typed).headers["Location"]
    page = alice_client.get(path)
    assert "Row 2 Duration: Veo 3.1 Fast offers these lengths here: 4, 6, 8." in text(page)
    assert typed in page.content.decode()
    assert "Order 2 videos" not in text(page)
    refused = alice_client.post(path, {"order": "1", "seen": "x", "choice": "all"})
    assert refused.status_code == 422
    alice_client.post(path, {"save": "1", "text": typed.replace(",5", ",6")})
    assert "Order 2 videos" in text(alice_client.get(path))


@pytest.mark.data
def test_a_corrected_file_takes_the_place_of_the_table(alice_client: Client, alice: User) -> None:
    batch = draft(alice, "prompt,duration\nA heron,5")
    path = reverse("batch", args=[batch.pk])
    fixed = SimpleUploadedFile("fixed.csv", b"prompt,duration\nA heron,6")
    alice_client.post(path, {"save": "1", "text": batch.text, "file": fixed})
    batch.refresh_from_db()
    assert (batch.name, batch.text) == ("fixed.csv", "prompt,duration\nA heron,6")


def test_a_file_that_is_no_text_is_refused_and_what_was_pasted_stays(
    alice_client: Client,
) -> None:
    answer = hand_in(alice_client, b"PK\x03\x04", text="prompt\nA heron")
    assert answer.status_code == 422
    assert "This is a workbook, not a CSV file." in text(answer)
    assert "prompt\nA heron" in answer.content.decode()
    assert not Batch.objects.exists()


def test_a_file_that_is_too_large_is_not_read(alice_client: Client) -> None:
    answer = hand_in(alice_client, b"prompt\n" + b"x" * 1_000_000)
    assert answer.status_code == 422
    assert "This table is longer than 500 kB. Split it." in text(answer)
    assert not Batch.objects.exists()


@pytest.mark.data
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("x" * 140_000, "Line 1 can’t be read."),
        ('sep="\nprompt\nA heron', "The first line names a separator that can’t be one."),
        ("prompt" + ",x" * 100, "Row 1 has 101 cells"),
    ],
    ids=["a cell too long", "no separator", "too many columns"],
)
def test_a_draft_that_cannot_be_read_opens_and_can_be_changed_or_deleted(
    alice_client: Client, content: str, said: str
) -> None:
    path = hand_in(alice_client, content).headers["Location"]
    page = alice_client.get(path)
    assert said in text(page)
    assert page.context["changing"].initial["text"] == content
    alice_client.post(path, {"save": "1", "text": "prompt\nA heron"})
    assert "Order 1 video" in text(alice_client.get(path))
    alice_client.post(path, {"save": "1", "text": content})
    alice_client.post(f"{path}delete/")
    assert not Batch.objects.exists()


def test_nothing_at_all_is_told_at_the_field(alice_client: Client) -> None:
    answer = hand_in(alice_client, " \n")
    assert answer.status_code == 422
    assert "Choose a CSV file, or paste a table." in text(answer)


def test_a_file_of_an_old_windows_says_how_it_was_read(alice_client: Client) -> None:
    path = hand_in(alice_client, "prompt\nCafé".encode("cp1252")).headers["Location"]
    shown = text(alice_client.get(path))
    assert "it was read as Windows-1252" in shown
    assert "Café" in shown


@pytest.mark.data
def test_a_table_sent_twice_is_one_and_so_is_a_confirmation(
    alice: User, alice_client: Client
) -> None:
    key = {"submission_key": str(uuid4())}
    first, second = (hand_in(alice_client, "prompt\nA heron", **key) for _ in range(2))
    path = first.headers["Location"]
    assert second.headers["Location"] == path
    page = alice_client.get(path).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    for _ in range(2):
        alice_client.post(path, {"order": "1", "seen": seen[1], "choice": "all"})
        batches.go_on(Batch.objects.get().pk)
    assert Job.objects.count() == 1
    assert "This table was already ordered." in text(alice_client.get(path))


@pytest.mark.data
def test_news_since_the_look_is_shown_before_anything_is_ordered(
    alice: User, alice_client: Client
) -> None:
    path = hand_in(alice_client, "prompt\nA heron").headers["Location"]
    page = alice_client.get(path).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    Price.objects.filter(provider="kie").update(credits=61)
    answer = alice_client.post(path, {"order": "1", "seen": seen[1], "choice": "all"})
    assert answer.status_code == 422
    assert "has changed since you looked" in text(answer)
    assert "1 video, 61 credits" in text(answer)
    assert Batch.objects.get().state == "draft"
    order(alice_client, path)
    assert Batch.objects.get().state == "ordering"


@pytest.mark.data
def test_the_same_table_again_is_asked_about(alice: User, alice_client: Client) -> None:
    done = confirmed(alice, "A heron")
    batches.go_on(done.pk)
    path = hand_in(alice_client, "PROMPT\r\nA heron\r\n").headers["Location"]
    shown = text(alice_client.get(path))
    assert "You ordered this table on" in shown
    assert "One was made before with the same prompt and settings" in shown
    assert order(alice_client, path).status_code == 422
    assert Batch.objects.drafts().count() == 1
    order(alice_client, path, again="on")
    assert not Batch.objects.drafts().exists()


def test_what_does_not_fit_is_said_with_the_choice_and_all_or_nothing_refuses(
    alice: User, alice_client: Client
) -> None:
    ledger.grant(alice, -900, reason="Spent elsewhere", actor=None)
    path = hand_in(alice_client, table("A heron", "A crane", "A swan")).headers["Location"]
    shown = text(alice_client.get(path))
    assert "3 videos, 180 credits 100 available" in shown
    assert "Your budget holds 1 of 3 rows now, for 60 credits." in shown
    assert "1 starts now; 2 wait for an admin’s approval." in shown
    assert shown.count("beyond the budget") == 2
    answer = order(alice_client, path, choice="all")
    assert answer.status_code == 422
    assert "It doesn’t fit as a whole, so nothing was ordered." in text(answer)
    order(alice_client, path)
    assert Batch.objects.get().choice == "fitting"


@pytest.mark.data
def test_all_or_nothing_that_came_too_late_says_so_on_the_draft(
    alice: User, alice_client: Client
) -> None:
    batch = confirmed(alice, "A heron", "A crane")
    ledger.grant(alice, -900, reason="Spent elsewhere", actor=None)
    batches.go_on(batch.pk)
    live = alice_client.get(reverse("batch-live", args=[batch.pk]), headers={"HX-Request": "true"})
    path = reverse("batch", args=[batch.pk])
    assert live.headers["HX-Redirect"] == path
    assert "Nothing of the table was ordered." in text(alice_client.get(path))


@pytest.mark.data
def test_too_many_orders_are_told_before_anything_is_ordered(
    alice: User, alice_client: Client, settings: Any
) -> None:
    allow(settings, Limit.ORDERS, "3/10m")
    factories.job(alice)
    path = hand_in(alice_client, table(*"ABC")).headers["Location"]
    answer = order(alice_client, path)
    assert (answer.status_code, answer.headers["Retry-After"].isdigit()) == (429, True)
    assert "You have ordered a lot in a short time. Nothing was ordered." in text(answer)
    assert (Batch.objects.get().state, Job.objects.count()) == ("draft", 1)


def test_the_page_of_a_batch_asks_only_for_what_changed(alice: User, alice_client: Client) -> None:
    batch = confirmed(alice, "A heron", "A crane", choice="fitting")
    page = alice_client.get(reverse("batch", args=[batch.pk])).content.decode()
    found = re.search(r'hx-get="([^"]+/live/\?seen=\w+)"', page)
    assert found
    assert alice_client.get(found[1]).status_code == 204
    batches.go_on(batch.pk)
    changed = alice_client.get(found[1])
    assert changed.status_code == 200
    assert "2 queued" in text(changed)
    job = Job.objects.first()
    assert job
    again = re.search(r'hx-get="([^"]+)"', changed.content.decode())
    assert again
    assert alice_client.get(again[1]).status_code == 204
    lifecycle.cancel(job, alice)
    assert "1 canceled" in text(alice_client.get(again[1]))


@pytest.mark.data
def test_the_result_file_has_the_rows_as_given_with_what_became_of_them(
    alice: User, alice_client: Client, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://dailies.example"
    path = hand_in(
        alice_client,
        'Shot,Notes\n"=1+1, still","a, b"\nA crane,\nA swan,+SUM(A1)',
    ).headers["Location"]
    ledger.grant(alice, -880, reason="Spent elsewhere", actor=None)
    order(alice_client, path)
    settings.OPEN_ASKS_MAX = 1
    lifecycle.ask_ahead(alice, 5, reason="A trailer", project=None, key=uuid4())
    batch = Batch.objects.get()
    batches.go_on(batch.pk)
    first, second = (row.job for row in batch.rows.all()[:2])
    assert first
    assert second
    factories.finish(first)
    answer: Any = alice_client.get(reverse("batch-csv", args=[batch.pk]))
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(content))
    address = "https://dailies.example/jobs/"
    assert header == ["Shot", "Notes", "take", "status", "credits", "video", "error"]
    assert rows[0] == ["'=1+1, still", "a, b", "", "Ready", "60", f"{address}{first.pk}/", ""]
    assert rows[1] == ["A crane", "", "", "Queued", "60", f"{address}{second.pk}/", ""]
    assert rows[2][:6] == ["A swan", "'+SUM(A1)", "", "Not ordered", "0", ""]
    assert "1 request for credits waiting" in rows[2][6]
    assert "=1+1, still result.csv" in answer.headers["Content-Disposition"]


def test_each_take_of_a_row_has_its_line_on_the_page_and_in_the_file(
    alice: User, alice_client: Client
) -> None:
    path = hand_in(alice_client, "prompt,takes\nA heron,2\nA crane,").headers["Location"]
    assert "3 videos, 180 credits" in text(alice_client.get(path))
    order(alice_client, path)
    assert "3 queued" in text(alice_client.get(path))
    batch = Batch.objects.get()
    batches.go_on(batch.pk)
    shown = text(alice_client.get(path))
    assert "2 take 1 A heron" in shown
    assert "2 take 2 A heron" in shown
    assert "0 of 3 finished" in shown
    answer: Any = alice_client.get(reverse("batch-csv", args=[batch.pk]))
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert [row[:4] for row in csv.reader(io.StringIO(content))][1:] == [
        ["A heron", "2", "1", "Queued"],
        ["A heron", "2", "2", "Queued"],
        ["A crane", "", "", "Queued"],
    ]


@pytest.mark.data
def test_rows_that_were_not_ordered_can_be_taken_into_a_new_table(
    alice: User, alice_client: Client
) -> None:
    batch = confirmed(alice, "A heron", "A crane", choice="fitting")
    batch.rows.filter(number=3).update(error="No key.")
    batches.go_on(batch.pk)
    page = alice_client.get(reverse("batch", args=[batch.pk])).content.decode()
    found = re.search(r'href="(/batches/\?from=[^"]+)"', page)
    assert found
    left = alice_client.get(found[1]).context["form"].initial["text"]
    assert left == "prompt\r\nA crane\r\n"


@pytest.mark.data
def test_an_admin_sees_a_members_table_and_does_not_order_it(
    alice: User, alice_client: Client, admin_client: Client
) -> None:
    path = hand_in(alice_client, "prompt\nA heron").headers["Location"]
    seen = alice_client.get(path).context["table"].seen
    shown = text(admin_client.get(path))
    assert "A heron" in shown
    assert "Order 1 video" not in shown
    for body in ({"order": "1", "seen": seen, "choice": "all"}, {"save": "1", "text": "prompt\nB"}):
        answer = admin_client.post(path, body, follow=True)
        assert "Only alice can change or order this." in text(answer)
    assert Batch.objects.get().text == "prompt\nA heron"
    listed = text(admin_client.get("/batches/"))
    assert re.search(r"A heron ?, \d+ \w+, [\d:]+ Not ordered – alice", listed)


@pytest.mark.data
def test_a_draft_is_deleted_and_an_ordered_table_stays(alice: User, alice_client: Client) -> None:
    unwanted, ordered = draft(alice), confirmed(alice, "A crane")
    for batch in (unwanted, ordered):
        alice_client.post(reverse("delete-batch", args=[batch.pk]))
    assert Batch.objects.get() == ordered


def test_the_template_names_every_column(alice_client: Client) -> None:
    answer: Any = alice_client.get(reverse("batch-template"))
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    path = hand_in(alice_client, content).headers["Location"]
    assert "Order 2 videos" in text(alice_client.get(path))


@pytest.mark.data
def test_a_row_in_another_hand_by_now_is_shown_without_its_video(
    alice: User, alice_client: Client, bob: User
) -> None:
    batch = confirmed(alice, "A heron")
    batches.go_on(batch.pk)
    Job.objects.update(owner=bob)
    shown = alice_client.get(reverse("batch", args=[batch.pk]))
    assert "Passed to a colleague" in text(shown)
    assert "/jobs/" not in shown.content.decode().partition('id="batch"')[2]
