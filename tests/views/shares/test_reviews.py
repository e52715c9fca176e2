"""Reviews of shared videos: on the public page, on the job's page, and as CSV."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from jobs import shares
from jobs.forms import ReviewForm
from jobs.limits import Limit
from jobs.models import Project, Rendition, ReviewNote, ShareLink, User
from jobs.templatetags.dailies import clock
from tests.support import factories
from tests.support.limited import allow
from tests.support.markup import flat

pytestmark = pytest.mark.django_db

WIDE = str.maketrans("0123456789:", "０１２３４５６７８９：")
"""A time as a keyboard for Japanese types it."""


@pytest.fixture
def film(alice: User) -> Rendition:
    return factories.film(alice)


@pytest.fixture
def shared(film: Rendition) -> tuple[ShareLink, str]:
    return shares.create([film], shares.Terms(title="Cut 3"), film.job.owner)


def text(response: Any) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", unescape(plain))


def send(client: Client, token: str, film: Rendition, **fields: str) -> Any:
    said = {"kind": "comment", "name": "Ana", "text": "Slower here", "at": "0:03", **fields}
    return client.post(reverse("shared-review", args=[token, film.pk]), said)


@pytest.mark.data
def test_what_is_written_goes_its_way_with_the_password_that_is_asked_for_anew(
    client: Client, film: Rendition
) -> None:
    link, token = shares.create([film], shares.Terms(password="sesame"), film.job.owner)
    door = send(client, token, film, text="Slower,\nplease")
    assert (door.status_code, "What you wrote is sent with it." in text(door)) == (200, True)
    assert 'value="Slower,\nplease"' in unescape(door.content.decode())
    wrong = send(client, token, film, text="Slower,\nplease", password="guess")
    assert (wrong.status_code, "Wrong password." in text(wrong)) == (422, True)
    assert 'value="Slower,\nplease"' in unescape(wrong.content.decode())
    assert not link.notes.exists()
    answer = send(client, token, film, text="Slower,\nplease", password="sesame")
    assert "Slower," in text(client.get(answer.headers["Location"].partition("#")[0]))
    assert link.notes.get().text == "Slower,\nplease"


# ── As the client ────────────────────────────────────────────────────────────
def test_a_comment_stands_on_the_page_at_its_second(
    client: Client, shared: tuple[ShareLink, str], film: Rendition
) -> None:
    _, token = shared
    sent = send(client, token, film)
    assert sent.headers["Location"] == f"/s/{token}/?take=1#review"
    page = client.get(f"/s/{token}/")
    assert "Slower here" in text(page)
    assert 'data-seek="3"' in page.content.decode()
    assert 'cx="37.50%"' in page.content.decode()


def test_each_comment_is_a_mark_along_the_film_for_both_sides(
    client: Client, alice_client: Client, shared: tuple[ShareLink, str], film: Rendition
) -> None:
    _, token = shared
    assert 'class="marks"' not in client.get(f"/s/{token}/").content.decode()
    send(client, token, film)
    send(client, token, film, at="", text="Of all of it")
    for page in (client.get(f"/s/{token}/"), alice_client.get(f"/jobs/{film.job_id}/")):
        (marks,) = re.findall(r'<svg class="marks".*?</svg>', flat(page.content.decode()))
        assert re.findall(r'data-seek="([^"]+)"', marks) == ["3"]


@pytest.mark.data
def test_the_list_of_links_says_what_waits_for_an_answer(
    client: Client, alice_client: Client, shared: tuple[ShareLink, str], film: Rendition
) -> None:
    _, token = shared
    for fields in ({}, {"kind": "changes"}, {"kind": "pick", "text": ""}):
        send(client, token, film, **fields)
    assert "2 open comments · picked" in text(alice_client.get("/shares/"))
    for note in ReviewNote.objects.all():
        alice_client.post(reverse("resolve-note", args=[note.pk]))
    assert "open comment" not in text(alice_client.get("/shares/"))


def test_every_page_of_who_shared_it_says_how_many_comments_are_open(
    client: Client, alice_client: Client, bob: User, shared: tuple[ShareLink, str], film: Rendition
) -> None:
    _, token = shared
    send(client, token, film)
    assert "Share links 1 open comment " in text(alice_client.get("/projects/"))
    assert "open comment" not in text(factories.signed_in(bob).get("/projects/"))


def test_a_visitor_is_known_again_and_others_are_told_apart(
    client: Client, shared: tuple[ShareLink, str], film: Rendition
) -> None:
    link, token = shared
    send(client, token, film, kind="pick", text="")
    assert 'value="Ana"' in client.get(f"/s/{token}/").content.decode()
    send(client, token, film, kind="approve", text="")
    send(Client(), token, film, kind="changes")
    assert [each.note.kind for each in shares.opinions(link)] == ["approve", "changes"]


@pytest.mark.data
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " "}, "Enter your name."),
        ({"text": ""}, "Write a comment."),
        ({"kind": "changes", "text": ""}, "What should change?"),
        ({"at": "later"}, "Enter a time such as 0:03."),
        ({"at": "1:00"}, "The video is shorter than that. It ends at 0:08."),
        ({"text": "x" * 1001}, "at most 1000 characters"),
        ({"kind": "answer"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_taken_is_said_and_what_was_typed_stays(
    client: Client,
    shared: tuple[ShareLink, str],
    film: Rendition,
    fields: dict[str, str],
    said: str,
) -> None:
    answer = send(client, shared[1], film, **{"text": "Keep my words", **fields})
    assert answer.status_code == 422
    assert said in text(answer)
    assert fields.get("text", "Keep my words") in text(answer)
    assert not ReviewNote.objects.exists()


@pytest.mark.data
def test_a_moment_beyond_any_film_is_refused_though_the_length_is_unknown(
    client: Client, shared: tuple[ShareLink, str], film: Rendition
) -> None:
    Rendition.objects.update(seconds=None)
    answer = send(client, shared[1], film, at="999:99999")
    assert "The video is shorter than that." in text(answer)


@pytest.mark.data
@pytest.mark.parametrize(
    ("length", "shown"),
    [
        ("7.958", "0:08"),
        ("8.041", "0:08"),
        ("0.640", "0:01"),
        ("59.501", "1:00"),
        ("147.999", "2:28"),
        ("3725.600", "1:02:06"),
    ],
)
def test_a_comment_is_taken_at_the_length_that_the_page_shows(
    client: Client, shared: tuple[ShareLink, str], film: Rendition, length: str, shown: str
) -> None:
    Rendition.objects.update(seconds=length)
    link, token = shared
    assert f"<span>{shown}</span>" in client.get(f"/s/{token}/").content.decode()
    assert send(client, token, film, at=shown).status_code == 302
    note = link.notes.get()
    assert note.seconds is not None
    assert note.seconds == min(Decimal(length), note.seconds), "a mark stands within its film"
    assert shown in text(client.get(f"/s/{token}/"))


@given(st.decimals(min_value="0.001", max_value=86_400, places=3))
def test_whatever_a_clock_shows_of_a_film_can_be_typed(length: Decimal) -> None:
    for typed in (clock(length), clock(length).translate(WIDE)):
        said = {"kind": "comment", "name": "Ana", "text": "x", "at": typed}
        form = ReviewForm(said, seconds=length)
        assert form.is_valid(), form.errors
        assert length - 1 < form.cleaned_data["at"] <= length


def test_of_a_frame_too_the_last_second_can_be_typed(alice_client: Client, film: Rendition) -> None:
    Rendition.objects.update(seconds="7.958")
    page = alice_client.get(f"/jobs/{film.job_id}/").content.decode()
    (field,) = re.findall(r'<input[^>]*name="at"[^>]*>', page)
    assert 'max="8"' in field


def test_what_fills_in_every_field_is_no_person(
    client: Client, shared: tuple[ShareLink, str], film: Rendition
) -> None:
    answer = send(client, shared[1], film, website="https://spam.example")
    assert answer.status_code == 302
    assert not ReviewNote.objects.exists()


@pytest.mark.data
def test_a_flood_is_told_to_wait_and_keeps_its_words_while_another_visitor_is_heard(
    client: Client, shared: tuple[ShareLink, str], film: Rendition, settings: Any
) -> None:
    allow(settings, Limit.COMMENTS, "2/1h")
    for _ in range(2):
        assert send(client, shared[1], film).status_code == 302
    answer = send(client, shared[1], film, text="And once more")
    assert (answer.status_code, answer.headers["Retry-After"].isdigit()) == (429, True)
    assert "You have commented a lot in a short time. Try again in 30 minutes." in text(answer)
    assert "And once more" in text(answer)
    assert client.get(f"/s/{shared[1]}/").status_code == 200
    assert send(Client(), shared[1], film).status_code == 302


def test_without_its_cookie_a_visitor_is_its_address(
    shared: tuple[ShareLink, str], film: Rendition, settings: Any
) -> None:
    allow(settings, Limit.COMMENTS_OF_ADDRESS, "2/1h")
    for _ in range(2):
        assert send(Client(), shared[1], film).status_code == 302
    assert send(Client(), shared[1], film).status_code == 429
    elsewhere = Client(REMOTE_ADDR="203.0.113.80")
    assert send(elsewhere, shared[1], film).status_code == 302


@pytest.mark.data
def test_the_owner_of_a_link_deletes_and_blocks_on_the_video_s_page(
    client: Client,
    alice_client: Client,
    bob: User,
    shared: tuple[ShareLink, str],
    film: Rendition,
) -> None:
    for said in ("Ugly", "Uglier"):
        send(client, shared[1], film, name="Rude", text=said)
    note = ReviewNote.objects.first()
    assert note
    page = f"/jobs/{film.job_id}/"
    assert "The audit keeps who said it." in text(alice_client.get(page))
    alice_client.post(reverse("delete-note", args=[note.pk]))
    assert ReviewNote.objects.count() == 1
    last = ReviewNote.objects.get()
    blocked = alice_client.post(
        reverse("block-visitor", args=[last.pk]), {"delete": "on"}, follow=True
    )
    assert "can’t comment on this link any more. 1 comment was deleted." in text(blocked)
    refused = send(client, shared[1], film)
    assert refused.status_code == 422
    assert "You can look at this link, but not comment on it." in text(refused)
    assert "Slower here" in text(refused)
    assert "Blocked visitors" in text(alice_client.get(f"/shares/{shared[0].pk}/"))
    who = shared[0].blocked.get()
    other = factories.signed_in(bob).post(reverse("unblock-visitor", args=[who.pk]))
    assert other.status_code == 404
    alice_client.post(reverse("unblock-visitor", args=[who.pk]))
    assert send(client, shared[1], film).status_code == 302


@pytest.mark.data
def test_who_is_new_on_the_network_of_a_blocked_visitor_types_nothing_in_vain(
    client: Client,
    alice: User,
    alice_client: Client,
    shared: tuple[ShareLink, str],
    film: Rendition,
) -> None:
    link, token = shared
    heard = Client()
    send(heard, token, film, name="Colleague")
    send(client, token, film, name="Rude")
    shares.block(link.notes.get(name="Rude"), alice, and_delete=False)
    for visitor in (client, Client()):
        page = text(visitor.get(f"/s/{token}/"))
        assert "ask whoever sent you the link" in page
        assert "Send comment" not in page
    for visitor in (heard, Client(REMOTE_ADDR="203.0.113.80")):
        page = text(visitor.get(f"/s/{token}/"))
        assert "Send comment" in page
        assert "ask whoever sent you the link" not in page
    assert "Their network is included" in text(alice_client.get(f"/shares/{link.pk}/"))


def test_a_refused_comment_comes_back_with_its_form_in_view(
    client: Client, shared: tuple[ShareLink, str], film: Rendition
) -> None:
    page = send(client, shared[1], film, name="").content.decode()
    (way,) = re.findall(r'<form class="say" id="([^"]+)" method="post" action="([^"]+)"', page)
    assert way == ("say", f"{reverse('shared-review', args=[shared[1], film.pk])}#say")


def test_a_verdict_that_was_replaced_is_only_its_words_for_visitors(
    client: Client, shared: tuple[ShareLink, str], film: Rendition
) -> None:
    send(client, shared[1], film, kind="changes", text="Too dark")
    assert "asked for changes ·" in text(client.get(f"/s/{shared[1]}/"))
    send(client, shared[1], film, kind="approve", text="Lovely now")
    page = text(client.get(f"/s/{shared[1]}/"))
    assert "Too dark" in page
    assert "asked for changes" not in page
    assert "approved ·" in page


@pytest.mark.data
def test_who_sees_a_video_and_not_its_link_deletes_nothing(
    client: Client, alice: User, bob: User
) -> None:
    film = factories.film(alice, project_id=Project.objects.create(name="Autumn").pk)
    _, token = shares.create([film], shares.Terms(), alice)
    send(client, token, film)
    member = factories.signed_in(bob)
    assert "Slower here" in text(member.get(f"/jobs/{film.job_id}/"))
    assert "Delete comment" not in text(member.get(f"/jobs/{film.job_id}/"))
    note = ReviewNote.objects.get()
    for name in ("delete-note", "block-visitor"):
        assert member.post(reverse(name, args=[note.pk])).status_code == 404
    assert ReviewNote.objects.filter(pk=note.pk).exists()


def test_no_markup_of_a_visitor_reaches_anybody(
    client: Client, alice_client: Client, shared: tuple[ShareLink, str], film: Rendition
) -> None:
    send(client, shared[1], film, name="<b>Ana</b>", text="<script>alert(1)</script>")
    pages = (client.get(f"/s/{shared[1]}/"), alice_client.get(f"/jobs/{film.job_id}/"))
    for page in pages:
        assert "<script>alert" not in page.content.decode()
        assert "<b>Ana" not in page.content.decode()


def test_there_is_no_form_where_comments_are_closed_or_a_password_stands_before(
    client: Client, alice: User, film: Rendition
) -> None:
    _, closed = shares.create([film], shares.Terms(takes_notes=False), alice)
    assert "Your name" not in text(client.get(f"/s/{closed}/"))
    assert "Comments are closed" in text(send(client, closed, film))
    link, locked = shares.create([film], shares.Terms(password="sesame"), alice)
    assert "This link needs a password" in text(send(client, locked, film))
    assert not link.notes.exists()


# ── As the team ──────────────────────────────────────────────────────────────
def test_the_member_sees_it_arrive_answers_and_resolves(
    client: Client, alice_client: Client, shared: tuple[ShareLink, str], film: Rendition
) -> None:
    path = f"/jobs/{film.job_id}/"
    (live,) = re.findall(r'/jobs/[^"]+\?since=[^"]+', alice_client.get(path).content.decode())[:1]
    assert alice_client.get(unescape(live)).status_code == 204
    send(client, shared[1], film)
    news = alice_client.get(unescape(live))
    assert "Slower here" in text(news)
    assert "1 open" in text(news)
    note = ReviewNote.objects.get()
    alice_client.post(f"/reviews/{note.pk}/answer/", {"text": "In the next cut"})
    alice_client.post(f"/reviews/{note.pk}/resolve/")
    assert "resolved by alice" in text(alice_client.get(path))
    seen = text(client.get(f"/s/{shared[1]}/"))
    assert "In the next cut" in seen
    assert "resolved" in seen
    # A client is told the team's words, not who works there.
    assert "alice" not in seen


def test_only_who_sees_the_video_can_answer(
    client: Client, bob: User, shared: tuple[ShareLink, str], film: Rendition
) -> None:
    send(client, shared[1], film)
    note = ReviewNote.objects.get()
    colleague = factories.signed_in(bob)
    for verb in ("answer", "resolve"):
        path = f"/reviews/{note.pk}/{verb}/"
        assert colleague.post(path, {"text": "Hello"}).status_code == 404
    film.job.__class__.objects.update(project=Project.objects.create(name="Autumn"))
    assert colleague.post(f"/reviews/{note.pk}/resolve/").status_code == 302


def test_an_empty_answer_is_not_sent(
    client: Client, alice_client: Client, shared: tuple[ShareLink, str], film: Rendition
) -> None:
    send(client, shared[1], film)
    path = f"/reviews/{ReviewNote.objects.get().pk}/answer/"
    assert "Write an answer." in text(alice_client.post(path, {"text": " "}, follow=True))
    assert ReviewNote.objects.count() == 1


def test_all_that_was_said_can_be_taken_along(
    client: Client,
    alice_client: Client,
    alice: User,
    shared: tuple[ShareLink, str],
    film: Rendition,
) -> None:
    link, token = shared
    send(client, token, film, text="=cmd()")
    shares.answer(ReviewNote.objects.get(), "Done", alice)
    response: Any = alice_client.get(f"/shares/{link.pk}/review.csv")
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [(row["who"], row["what"]) for row in rows] == [
        ("Ana", "Comment"),
        ("alice", "Answer"),
    ]
    assert rows[0]["at second"] == "3.000"
    # A cell that a spreadsheet would run is made harmless.
    assert not rows[0]["text"].startswith("=")


def test_the_link_says_what_each_visitor_holds(
    client: Client, alice_client: Client, shared: tuple[ShareLink, str], film: Rendition
) -> None:
    send(client, shared[1], film, kind="pick", text="")
    assert "Ana picked video 1" in text(alice_client.get(f"/shares/{shared[0].pk}/"))


@pytest.mark.data
def test_the_page_of_a_video_asks_as_much_for_many_notes_as_for_few(
    client: Client,
    alice_client: Client,
    shared: tuple[ShareLink, str],
    film: Rendition,
    django_assert_max_num_queries: Any,
) -> None:
    for _ in range(10):
        send(client, shared[1], film)
    alice_client.get(f"/jobs/{film.job_id}/")
    with django_assert_max_num_queries(32):
        alice_client.get(f"/jobs/{film.job_id}/")
