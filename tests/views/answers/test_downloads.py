"""What downloads are called: by their real name, and by a plain one that is no other file's."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from jobs import shares, statements
from jobs.models import Batch, Project, Rendition, User
from jobs.views.answers.downloads import names, save_as
from tests.support import factories

HEADER = re.compile(r'attachment; filename="([ -~]+)"(?:; filename\*=utf-8\'\'([!-~]+))?')
FORBIDDEN = set('/\\:*?"<>|%')

REAL = {
    "Japanese": "秋のキャンペーン",
    "Cyrillic": "Осень",
    "decomposed": "Cafe\u0301",
    "a family": "👩‍👩‍👧 spots",
    "Hindi": "क्‍षमा",
    "younger than our Unicode": "pink \U0001fa77",
    "percent": "50%20off",
    "apostrophe": "Ana’s cut",
}


def told(answer: Any) -> tuple[str, str]:
    """The plain and the real name that a program reads from the header."""
    parts = HEADER.fullmatch(answer.headers["Content-Disposition"])
    assert parts, answer.headers["Content-Disposition"]
    return parts[1], unquote(parts[2] or parts[1], errors="strict")


def header_for(name: str) -> tuple[str, str]:
    answer = HttpResponse()
    save_as(answer, name)
    return told(answer)


def put_in_place(film: Rendition) -> None:
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(exist_ok=True)
    (folder / film.file).write_bytes(b"film")


@pytest.mark.parametrize("name", REAL.values(), ids=REAL)
def test_a_name_in_any_script_is_the_name_of_the_file(name: str) -> None:
    plain, real = header_for(f"statement-{name}-2026-11.csv")
    assert real == f"statement-{unicodedata.normalize('NFC', name)}-2026-11.csv"
    assert plain.startswith("statement-")
    assert plain.endswith(".csv")


def test_what_is_left_of_a_name_in_ascii_is_still_read() -> None:
    plain, _ = header_for("statement-project-Überblick Zürich-2026-11.csv")
    assert re.fullmatch(r"statement-project-Uberblick Zurich-2026-11-[0-9a-f]{8}\.csv", plain)
    assert header_for("audit-2026-11-02.csv") == ("audit-2026-11-02.csv", "audit-2026-11-02.csv")


@pytest.mark.parametrize(
    ("one", "other"),
    [("春", "秋"), ("Müller", "Muller"), ("Müller", "Möller"), ("A/B", "A:B"), ("A/B", "A B")],
)
def test_no_file_takes_the_place_of_another(one: str, other: str) -> None:
    assert not set(names(f"x-{one}.csv")) & set(names(f"x-{other}.csv"))


@given(st.text(min_size=1), st.sampled_from(["csv", "mp4", "txt"]))
@example("x" * 300, "csv")
@example("山" * 300, "csv")
@example('"; filename=evil.exe', "csv")
@example("a\r\nSet-Cookie: x=1", "csv")
@example("../../etc/passwd", "csv")
def test_whatever_somebody_calls_it_the_header_holds(name: str, ending: str) -> None:
    plain, real = header_for(f"x{name}.{ending}")
    for each in (plain, real):
        assert each.startswith("x")
        assert each.endswith(f".{ending}")
        assert not FORBIDDEN & set(each) - {"%"}
        assert not any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in each)
        assert len(each.encode()) < 250
    assert "%" not in plain


@given(st.text(max_size=40), st.text(max_size=40))
@example("夏", "冬")
@example("a.", "a")
def test_different_names_stay_different(one: str, other: str) -> None:
    if unicodedata.normalize("NFC", one) != unicodedata.normalize("NFC", other):
        assert names(f"x{one}.csv").real != names(f"x{other}.csv").real
        assert names(f"x{one}.csv").plain != names(f"x{other}.csv").plain


# ── Every download ───────────────────────────────────────────────────────────
@pytest.mark.django_db
@pytest.mark.data
class TestEveryDownload:
    def test_statements_of_two_projects_are_two_files(
        self, alice: User, admin_client: Client
    ) -> None:
        month = f"{statements.this_month():%Y-%m}"
        plain = set()
        for name in ("夏の企画", "冬の企画", "alice"):
            project = Project.objects.create(name=name)
            factories.succeeded(alice, project_id=project.pk)
            answer = admin_client.get(f"/usage/statements/project/{project.pk}/{month}.csv")
            assert told(answer)[1] == f"statement-project-{name}-{month}.csv"
            plain.add(told(answer)[0])
        answer = admin_client.get(f"/usage/statements/person/{alice.pk}/{month}.csv")
        assert told(answer)[1] == f"statement-person-alice-{month}.csv"
        assert len({*plain, told(answer)[0]}) == 4

    def test_reviews_of_links_of_one_name_are_two_files(
        self, alice: User, alice_client: Client
    ) -> None:
        film: Rendition = factories.film(alice)
        found = []
        for title in ("第三版", "第三版", ""):
            link, _ = shares.create([film], shares.Terms(title=title), alice)
            found.append(told(alice_client.get(f"/shares/{link.pk}/review.csv")))
            assert (title or "Untitled link") in found[-1][1]
        assert len({plain for plain, _ in found}) == len({real for _, real in found}) == 3

    def test_what_is_written_from_right_to_left_stands_last(
        self, alice: User, alice_client: Client
    ) -> None:
        project = Project.objects.create(name="נמל")
        film = factories.film(alice, project_id=project.pk)
        put_in_place(film)
        batch = Batch.objects.create(owner=alice, name="נמל.csv", submission_key=uuid4())
        _, token = shares.create([film], shares.Terms(title="נמל", download="720p"), alice)
        day = f"{timezone.localdate():%Y-%m-%d}"
        assert {
            told(alice_client.get(path))[1]
            for path in (
                f"/files/videos.zip?project={project.pk}",
                f"/files/contact-sheet.pdf?project={project.pk}",
                f"/s/{token}/download.zip",
                f"/batches/{batch.pk}/result.csv",
            )
        } == {
            f"{day} נמל.zip",
            f"contact sheet {day} נמל.pdf",
            "videos - נמל.zip",
            "result נמל.csv",
        }

    def test_a_film_that_a_visitor_keeps_has_the_title_of_its_link(
        self, alice: User, client: Client
    ) -> None:
        film: Rendition = factories.film(alice)
        put_in_place(film)
        terms = shares.Terms(title="Рекламный ролик", download="720p")
        _, token = shares.create([film], terms, alice)
        answer: Any = client.get(f"/s/{token}/{film.pk}/download")
        answer.close()
        plain, real = told(answer)
        assert real == "Рекламный ролик 720p.mp4"
        assert re.fullmatch(r"720p-[0-9a-f]{8}\.mp4", plain)
