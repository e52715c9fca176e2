"""The price list to begin with: docs/contracts.md, kie 7, market 4 and veo4 5."""

from datetime import UTC, datetime

from django.db import migrations

PUBLISHED = datetime(2026, 1, 1, tzinfo=UTC)
"""Before any job of ours: these prices hold from the beginning."""

GENERATE = {
    # model: credits at 720p, 1080p, 4k from text; and at 4k from images
    "veo3": (250, 255, 380, 370),
    "veo3_fast": (60, 65, 180, 180),
    "veo3_lite": (30, 35, 150, 150),
}
EXTEND = {"veo3": 250, "veo3_fast": 60, "veo3_lite": 30}
UPGRADE = {"upgrade_1080p": 5, "upgrade_4k": 120}
OMNI = ("google/gemini-omni-flash-1-1", "gemini-omni-video")
BY_LENGTH = {4: 63, 6: 84, 8: 105, 10: 126}
"""Credits of an Omni film of so many seconds, of any size but 4K."""
CHANGED = 168
"""Of one that changes a film by words, however long it gets."""
OMNI_4K = 84
"""More for one in 4K."""


def rows():
    """The fields of each price."""
    for model, (hd, full_hd, text_4k, image_4k) in GENERATE.items():
        veo = {"provider": "kie", "kind": "generate", "model": model}
        yield {**veo, "resolution": "720p", "credits": hd}
        yield {**veo, "resolution": "1080p", "credits": full_hd}
        yield {**veo, "mode": "text", "resolution": "4k", "credits": text_4k}
        yield {**veo, "mode": "image", "resolution": "4k", "credits": image_4k}
    for model, credits in EXTEND.items():
        yield {"provider": "kie", "kind": "extend", "model": model, "credits": credits}
    for kind, credits in UPGRADE.items():
        yield {"provider": "kie", "kind": kind, "credits": credits}
    for model in OMNI:
        for seconds, credits in BY_LENGTH.items():
            omni = {"provider": "kie", "kind": "generate", "model": model, "duration": seconds}
            yield {**omni, "credits": credits}
            yield {**omni, "resolution": "4k", "credits": credits + OMNI_4K}
        changed = {"provider": "kie", "kind": "generate", "model": model, "mode": "video"}
        yield {**changed, "credits": CHANGED}
        yield {**changed, "resolution": "4k", "credits": CHANGED + OMNI_4K}
    preview = {"provider": "veo4", "model": "veo-4"}
    yield {**preview, "kind": "generate", "resolution": "720p", "credits": 180}
    yield {**preview, "kind": "generate", "resolution": "1080p", "credits": 240}
    yield {**preview, "kind": "extend", "credits": 180}


def seed(apps, editor):
    price = apps.get_model("jobs", "Price")
    price.objects.bulk_create(price(**row, valid_from=PUBLISHED) for row in rows())


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_immutable")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
