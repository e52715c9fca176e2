"""How faults are asked for: by tags in prompts, and by the command line."""

from random import Random

import pytest

from jobs.practice.faults.table import FaultStage
from jobs.practice.faults.tags import Chooser, Tags, read_tags
from jobs.practice.kinds import TaskKind


def test_tags_leave_the_caption() -> None:
    caption, tags = read_tags("A [[ fail ]] lake [[seconds=3]] with [[mist]]")
    assert caption == "A lake with [[mist]]"
    assert tags.values == {"fail": "", "seconds": "3"}


def test_tags_of_an_upgrade_stand_with_its_name_before_them() -> None:
    caption, tags = read_tags("A lake [[4k-fail]] [[4k-seconds=3]] [[1080p-stuck]] [[4k-none]]")
    assert caption == "A lake [[4k-none]]"
    assert tags.of(TaskKind.UPGRADE_4K).values == {"fail": "", "seconds": "3"}
    assert tags.of(TaskKind.UPGRADE_1080P).values == {"stuck": ""}
    assert ("fail" in tags, tags.first(FaultStage.END)) == (False, None)


@pytest.mark.parametrize("value", ["", "x", "nan", "-1", "1e999"])
def test_a_senseless_number_is_harmless(value: str) -> None:
    assert 0 <= Tags({"seconds": value}).number("seconds", 5.0) <= 86_400


def test_faults_of_the_command_line_strike_at_their_rate_and_repeatably() -> None:
    def drawn() -> list[bool]:
        chooser = Chooser(("poll-429=2", "fail"), 0.3, Random(7))
        return ["fail" in chooser.add_to(Tags()) for _ in range(200)]

    assert 30 < sum(drawn()) < 90
    assert drawn() == drawn()


def test_faults_of_the_command_line_go_where_they_are_meant() -> None:
    chooser = Chooser(("fail", "4k-stuck", "upload-500"), 1.0, Random(7))
    assert chooser.add_to(Tags()).values == {"fail": ""}
    assert chooser.add_to(Tags(), TaskKind.UPGRADE_4K).values == {"fail": "", "stuck": ""}
    assert chooser.for_upload().values == {"upload-500": ""}
