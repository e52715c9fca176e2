"""The practice provider publishes its prices, and a tag changes one."""

from __future__ import annotations

from collections.abc import Callable

from jobs.practice import PracticeServer
from jobs.providers.http import Http
from jobs.providers.kie.prices import meaning, read
from jobs.providers.price_feed import FeedRow
from tests.practice.kie.test_practice_market import SEEDANCE, create
from tests.support.servers.practice_client import Client


def published(server: PracticeServer) -> dict[str, FeedRow]:
    return {each.name: each for each in read(Http(), server.url).rows}


def test_all_that_it_sells_is_published_and_more(start: Callable[..., Client]) -> None:
    rows = published(start().server)
    others = [each.name for each in rows.values() if meaning(each.name, each.unit) is None]
    assert others == ["nano banana 2, 1k", "wan 2.7 video, 720p"]
    assert len(rows) == 67
    assert rows["google veo 3.1, text-to-video, quality-4k"].credits == 380


def test_a_prompt_changes_what_is_published_of_such_a_film(start: Callable[..., Client]) -> None:
    client = start()
    client.generate("A lake [[new-price=77]] [[stuck]]", model="veo3_fast")
    prompt = "A lake [[new-price]] [[stuck]]"
    create(client.server, SEEDANCE, prompt=prompt, resolution="480p", duration=4)
    rows = published(client.server)
    assert rows["google veo 3.1, text-to-video, fast-720p"].credits == 77
    assert rows["google veo 3.1, text-to-video, fast-1080p"].credits == 65
    assert rows["bytedance/seedance-2, 480p no video input"].credits == 70
