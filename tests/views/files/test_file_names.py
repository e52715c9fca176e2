"""What downloaded files are called: as the team's template says, on any disk, never two alike."""

from __future__ import annotations

import unicodedata

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs import file_names
from jobs.letters.variables import Broken
from jobs.models import AuditEvent, Team
from tests.support import factories
from tests.support.markup import flat

SETTINGS = "/team/settings/"
WINDOWS_KEEPS = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{p}{n}" for p in ("com", "lpt") for n in range(10)),
}
words = st.text(max_size=150) | st.sampled_from(
    ["", "con", "NUL.tar", "é", "e\u0301", "É", "a.", ".."]
)
facts = st.fixed_dictionaries(dict.fromkeys(file_names.FIELDS, words))
templates = st.lists(st.sampled_from(sorted(file_names.FIELDS))).map(
    lambda names: " - ".join(f"{{{name}}}" for name in ["title", *names])
)


def named(template: str, **facts: str) -> str:
    return file_names.name_for(file_names.template(template), facts)


@settings(max_examples=40)
@given(st.lists(facts, max_size=4), templates)
def test_whatever_people_wrote_each_name_is_one_of_its_own_on_any_disk(
    videos: list[dict[str, str]], template: str
) -> None:
    pattern = file_names.template(template)
    names = list(file_names.apart((file_names.name_for(pattern, f) for f in videos), ".mp4"))
    seen = {unicodedata.normalize("NFD", name.casefold()) for name in names}
    assert len(seen) == len(videos)
    for name in names:
        assert 0 < len(name.encode()) < 255
        assert not set(name) & set('/\\:*?"<>|')
        assert not {unicodedata.category(sign) for sign in name} & {"Cc", "Zl", "Zp"}
        stem = name.removesuffix(".mp4")
        assert stem == stem.strip(" .")
        assert stem.partition(".")[0].strip().casefold() not in WINDOWS_KEEPS


def test_what_is_written_from_right_to_left_stands_last() -> None:
    usual = file_names.AT_FIRST
    film = {"title": "سفينة في الميناء", "take": "take 2", "size": "1080p"}
    assert named(usual, **film) == "take 2 - 1080p - سفينة في الميناء"
    assert named(usual, project="נמל", **film) == "take 2 - 1080p - נמל - سفينة في الميناء"
    assert named("{number}. {title}_{person}", number="01", title="נמל", person="mara") == (
        "01. mara_נמל"
    )
    # What nothing parts from it goes with it, and alone each stays where it is.
    assert named("{title}v{seed} {size}", title="נמל", seed="48", size="4K") == "4K נמלv48"
    assert named("{project} - {title}", project="נמל", title="דג") == "נמל - דג"


def test_what_a_video_lacks_leaves_no_separator_behind() -> None:
    usual = file_names.AT_FIRST
    assert named(usual, title="Fjord", size="720p") == "Fjord - 720p"
    assert named(usual, project="Autumn", title="Fjord", take="take 2") == "Autumn - Fjord - take 2"
    assert named("{project: none}_{title}", title="Fjord") == "none_Fjord"


def test_a_long_title_is_cut_and_not_what_comes_after_it() -> None:
    name = named("{project} {title} {size}", project="P" * 40, title="very " * 90, size="1080p")
    assert name.endswith(" 1080p")
    assert len(name) <= 120


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{titel}", "There is no {titel}"),
        ("{project}", "Use {title} or {number}"),
        ("{title}/{take}", "can’t have “/”"),
        ("{title", "never closed"),
    ],
)
def test_a_template_that_makes_no_names_says_what_to_write(template: str, said: str) -> None:
    with pytest.raises(Broken) as raised:
        file_names.template(template)
    assert said in raised.value.user_message


# ── The team's settings ──────────────────────────────────────────────────────
@pytest.fixture
def office(db: None) -> Client:
    return factories.signed_in(factories.admin("ada"))


def terms(**changes: str) -> dict[str, str]:
    return {
        "name": "",
        "reset_day": "1",
        "currency": "USD",
        "members_share_others": "on",
        **changes,
    }


def test_while_it_is_typed_an_example_shows_or_what_is_wrong(office: Client) -> None:
    def shown(template: str) -> str:
        return office.get("/files/names/", {"file_names": template}).content.decode()

    assert "Espresso machine at dawn_1080p.mp4" in shown("{title}_{size}")
    assert "There is no {titel}" in shown("{titel}")


@pytest.mark.data
def test_the_template_is_saved_for_all_and_a_broken_one_is_refused_at_its_field(
    office: Client,
) -> None:
    saved = office.post(SETTINGS, terms(file_names="{date} {title}"), follow=True)
    assert "2026-11-29 Espresso machine at dawn.mp4" in flat(saved.content.decode())
    assert Team.current().file_names == "{date} {title}"
    assert AuditEvent.objects.get(subject="names of downloaded files").after == "{date} {title}"
    refused = office.post(SETTINGS, terms(file_names="{title} {teke}"))
    assert refused.status_code == 422
    assert "There is no {teke}" in refused.content.decode()
    assert 'value="{title} {teke}"' in refused.content.decode()
    office.post(SETTINGS, terms(name="Studio"))
    assert Team.current().file_names == "{date} {title}"
    office.post(SETTINGS, terms(name="Studio", file_names=" "))
    assert Team.current().file_names == file_names.AT_FIRST
