"""Each row of a table held against what the composer holds an order against."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from jobs.forms import ComposerForm
from jobs.forms.batches import Table, as_csv, template
from jobs.lifecycle import submission_of
from jobs.models import Credential, Price, Project, User
from jobs.net.floods import Limit
from jobs.providers import PROVIDERS
from tests.support import factories
from tests.support.answers import seedance
from tests.support.limited import allow
from tests.support.states.tables import table
from tests.support.typed_forms import composer

pytestmark = [pytest.mark.django_db, pytest.mark.data]
WHOLE_HEADER = "prompt,model,provider,aspect ratio,resolution,duration,seed,project,translate"


def problems(found: Table) -> dict[tuple[int, str], str]:
    """Everything that is wrong, by the number of the row and the column."""
    cells = {
        (row.number, cell.column): " ".join(cell.problems)
        for row in found.rows
        for cell in row.shown
        if cell.problems
    }
    return cells | {(row.number, ""): " ".join(row.problems) for row in found.rows if row.problems}


def test_a_prompt_alone_is_ordered_as_the_composer_comes_up(alice: User) -> None:
    found = Table("prompt\nA lighthouse in the rain", alice)
    usual = ComposerForm({**composer(), **ComposerForm.defaults()} | {"prompt": "A"}, user=alice)
    assert usual.is_valid()
    [line] = found.lines
    expected = usual.submission
    assert line.submission.digest() == factories.submission().digest()
    assert (line.submission.model, line.submission.duration) == (expected.model, expected.duration)
    assert (line.number, line.cost) == (2, 60)


def test_models_and_providers_go_by_their_names_for_people(alice: User) -> None:
    found = Table(
        table(
            *("A,Lite,", "A,VEO 3.1 LITE,kie.ai", "A,veo3_lite,KIE", "A,preview,"),
            *("A,,veo4api.net", "A,Quality,"),
            header="prompt,model,provider",
        ),
        alice,
    )
    assert [(x.submission.provider, x.submission.model) for x in found.lines] == [
        *[("kie", "veo3_lite")] * 3,
        *[("veo4", "veo-4")] * 2,
        ("kie", "veo3"),
    ]


def test_each_bad_cell_has_its_message_at_its_row_and_column(alice: User) -> None:
    Project.objects.create(name="Autumn launch")
    found = Table(
        table(
            "A heron,,,,,,,AUTUMN launch,",
            ",,,,,,,,",
            "A heron,Gigantic,,,,,,,",
            "A heron,,nobody,,,,,,",
            "A heron,,,4:3,,5,,,",
            "A heron,,,,1080p,4,,,",
            "A heron,,,,9000p,,7,,",
            "A heron,,,,,,1.2E+04,Winter,perhaps",
            " ,Fast,,,,,,,",
            header=WHOLE_HEADER,
        ),
        alice,
    )
    said = problems(found)
    assert {where: text.split(".")[0] for where, text in said.items()} == {
        (4, "model"): "No model is called Gigantic",
        (5, "provider"): "No provider is called nobody",
        (6, "aspect ratio"): "Veo 3",
        (6, "duration"): "Veo 3",
        (7, "duration"): "Veo 3",
        (8, "resolution"): "Veo 3",
        (8, "seed"): "A seed is a whole number from 10000 to 99999",
        (9, "seed"): "A seed is a whole number from 10000 to 99999",
        (9, "project"): "No project is called Winter",
        (9, "translate"): "Write yes or no",
        (10, "prompt"): "Describe the video you want to make",
    }
    assert said[6, "duration"] == "Veo 3.1 Fast offers these lengths here: 4, 6, 8."
    assert said[7, "duration"] == "Veo 3.1 Fast offers these lengths here: 8."
    assert not found.is_right
    assert [row.number for row in found.rows if row.is_right] == [2]


def test_a_row_can_be_ordered_just_when_the_composer_takes_it(alice: User) -> None:
    for size in ("720p", "1080p"):
        seedance.price(size=size)
    models = [(p.name, m.name) for p in PROVIDERS.values() for m in p.models]
    shapes = product(("16:9", "9:16", "1:1", "Auto"), ("720p", "1080p", "4k"), ("4", "8", "10"))
    rows = [(*model, *shape) for model, shape in product(models, shapes)][::4]
    fields = ("provider", "model", "aspect_ratio", "resolution", "duration")
    expected = [
        ComposerForm(composer(**dict(zip(fields, row, strict=True))), user=alice).is_valid()
        for row in rows
    ]
    text = as_csv([("prompt", *fields), *(("A", *row) for row in rows)])
    assert [row.is_right for row in Table(text, alice).rows] == expected
    assert {*expected} == {True, False}


def test_columns_that_are_not_understood_are_told_and_kept(alice: User) -> None:
    found = Table("Shot,Notes,Owner\nA heron,by Friday,Mara", alice)
    assert (found.unknown, found.is_right) == (["Notes", "Owner"], True)
    assert found.lines[0].cells == ("A heron", "by Friday", "Mara")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "This table is empty."),
        ("prompt,seed\n,\n", "no rows below the names of its columns"),
        ("A heron,16:9\nA crane,16:9", "No column is called prompt."),
        ("prompt,Shot\nA,B", "More than one column means prompt."),
        ('prompt\n"A', "Line 2 can’t be read."),
    ],
)
def test_a_table_that_cannot_be_read_says_why(alice: User, text: str, said: str) -> None:
    found = Table(text, alice)
    assert said in found.problem
    assert not found.is_right


def test_more_cells_than_columns_are_told_at_their_row(alice: User) -> None:
    found = Table("prompt,seed\nA heron, 12345, at dawn\nA crane,,,\n", alice)
    said = problems(found)
    assert [*said] == [(2, "")]
    assert said[2, ""].startswith("This row has 3 cells for 2 columns.")


def test_a_table_holds_no_more_than_one_person_may_order(alice: User, settings: Any) -> None:
    settings.BATCH_ROWS_MAX = 5
    assert Table(table(*"ABCDE"), alice).is_right
    assert "6 rows, and 5 videos" in Table(table(*"ABCDEF"), alice).problem
    allow(settings, Limit.ORDERS, "3/10m")
    assert "4 rows, and 3 videos" in Table(table(*"ABCD"), alice).problem


def test_a_row_may_order_several_takes_and_costs_them_all(alice: User, settings: Any) -> None:
    text = table("A,3,", "B,,", "C,5,", "D,0,", "E,4,99998", header="prompt,takes,seed")
    found = Table(text, alice)
    said = problems(found)
    assert {*said} == {(4, "takes"), (5, "takes"), (6, "seed")}
    assert said[4, "takes"] == "Write a number from 1 to 4."
    assert [(row.takes, row.cost) for row in found.rows[:2]] == [(3, 180), (1, 60)]
    settings.BATCH_ROWS_MAX = 5
    found = Table(table("A,3", "B,3", header="prompt,takes"), alice)
    assert "6 videos, and 5 can be ordered" in found.problem
    assert not found.is_right


def test_a_formula_is_only_text(alice: User) -> None:
    found = Table('prompt\n"=HYPERLINK(""https://evil.example"")"', alice)
    assert found.lines[0].submission.prompt == '=HYPERLINK("https://evil.example")'


def test_what_was_made_before_and_what_stands_twice_is_shown(alice: User, bob: User) -> None:
    mine = factories.job(alice, prompt="A heron")
    factories.job(bob, prompt="A crane")
    found = Table(table("A HERON ", "A crane", "A swan", "A swan"), alice)
    assert [row.same and row.same.pk for row in found.rows] == [mine.pk, None, None, None]
    assert [row.twin for row in found.rows] == [None, None, None, 4]


def test_without_a_key_or_a_price_no_row_can_be_ordered(alice: User) -> None:
    Credential.objects.filter(owner=alice, provider="veo4").delete()
    Price.objects.filter(provider="kie", model="veo3_lite").delete()
    found = Table(table("A,preview", "A,Lite", header="prompt,model"), alice)
    assert "You have no key for this provider yet." in problems(found)[2, ""]
    assert "These settings have no price yet." in problems(found)[3, "model"]


def test_an_archived_project_takes_no_row(alice: User) -> None:
    project = Project.objects.create(name="Spring")
    Project.objects.filter(pk=project.pk).update(archived_at="2026-01-01T00:00Z")
    found = Table("prompt,project\nA,spring", alice)
    assert problems(found) == {(2, "project"): "The project Spring is archived."}


def test_the_template_can_be_ordered_as_it_is(alice: User) -> None:
    found = Table(as_csv(template()), alice)
    assert (found.problem, found.unknown, problems(found)) == ("", [], {})
    assert len(found.lines) == 2


def test_what_is_shown_changes_with_orders_prices_and_what_was_made(alice: User) -> None:
    text = table("A heron", "A crane")
    before = Table(text, alice).seen
    assert Table(text + "\n", alice).seen == before
    assert Table(table("A heron", "A swan"), alice).seen != before
    made = factories.job(alice, prompt="A crane")
    assert submission_of(made).prompt == "A crane"
    after = Table(text, alice).seen
    assert after != before
    Price.objects.filter(provider="kie").update(credits=61)
    assert Table(text, alice).seen not in (before, after)


def test_a_row_that_wants_a_draft_is_ordered_of_the_cheapest_that_can(alice: User) -> None:
    header = "prompt,model,duration,watermark,draft"
    found = Table(
        table("A,Quality,8,,yes", "B,Flash,10,,x", "C,Quality,8,,no", header=header), alice
    )
    assert [
        (line.submission.is_draft, line.submission.model, line.cost) for line in found.lines
    ] == [
        (True, "veo3_lite", 30),
        (True, "google/gemini-omni-flash-1-1", 126),
        (False, "veo3", 250),
    ]
    assert found.rows[0].model == "Veo 3.1 Lite"
    wrong = Table(table("A,,8,,maybe", "B,Flash,10,Okafor,yes", header=header), alice)
    assert problems(wrong)[2, "draft"] == "Write yes or no."
    assert "None of your models makes a draft of this." in problems(wrong)[3, ""]
