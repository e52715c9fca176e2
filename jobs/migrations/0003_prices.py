"""The price list to begin with: docs/contracts.md, kie 7 and veo4 5."""

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


def rows():
    for model, (hd, full_hd, text_4k, image_4k) in GENERATE.items():
        yield "kie", "generate", model, "", "720p", hd
        yield "kie", "generate", model, "", "1080p", full_hd
        yield "kie", "generate", model, "text", "4k", text_4k
        yield "kie", "generate", model, "image", "4k", image_4k
    for model, credits in EXTEND.items():
        yield "kie", "extend", model, "", "", credits
    yield "kie", "upgrade_1080p", "", "", "", 5
    yield "kie", "upgrade_4k", "", "", "", 120
    yield "veo4", "generate", "veo-4", "", "720p", 180
    yield "veo4", "generate", "veo-4", "", "1080p", 240
    yield "veo4", "extend", "veo-4", "", "", 180


def seed(apps, editor):
    price = apps.get_model("jobs", "Price")
    names = ("provider", "kind", "model", "mode", "resolution", "credits")
    price.objects.bulk_create(
        price(**dict(zip(names, row, strict=True)), valid_from=PUBLISHED) for row in rows()
    )


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_immutable")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
