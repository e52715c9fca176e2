"""What can be ordered: every operation, at random, as the composer's form would give it."""

from __future__ import annotations

from collections.abc import Callable

from jobs import lifecycle
from jobs.models import Image, Job, User
from jobs.models.jobs.status import Status
from jobs.providers.base import Kind
from tests.tools.soak.faults import Draw

MODELS = ("veo3_fast", "veo3_lite", "veo3")
OMNI = ("google/gemini-omni-flash-1-1", "gemini-omni-video")
LANDSCAPE, PORTRAIT, SQUARE = "16:9", "9:16", "1:1"
SCENE = "a lighthouse in the rain"
CANDIDATES = 40
"""How many finished videos are looked at for one that can be made longer or larger."""


class Orders:
    """Draws the orders; None where nothing fits yet."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._random = draw.random
        self.kinds: dict[str, tuple[int, Callable[[User, str], lifecycle.Submission | None]]] = {
            "text": (18, self.text),
            "omni": (5, self._omni),
            "omni references": (3, self._omni_references),
            "frames": (9, self._frames),
            "references": (9, self._references),
            "veo4 text": (7, self._veo4),
            "veo4 references": (5, self._veo4_references),
            "extend": (16, self._extension),
            "1080p": (14, lambda who, _: self._upgrade(who, Kind.UPGRADE_1080P)),
            "4k": (14, lambda who, _: self._upgrade(who, Kind.UPGRADE_4K)),
        }
        """Each with its share in percent."""

    def text(self, who: User, marker: str) -> lifecycle.Submission:
        resolution = self._random.choices(("720p", "1080p", "4k"), (8, 1, 1))[0]
        duration = self._random.choice((4, 6, 8)) if resolution == "720p" else 8
        return self._kie(marker, resolution=resolution, duration=duration)

    def _frames(self, who: User, marker: str) -> lifecycle.Submission:
        return self._kie(marker, mode="frames", image_ids=self._images(who, 2))

    def _references(self, who: User, marker: str) -> lifecycle.Submission:
        model = self._random.choice(MODELS[:2])
        return self._kie(marker, model=model, mode="references", image_ids=self._images(who, 3))

    def _veo4(self, who: User, marker: str, images: tuple[str, ...] = ()) -> lifecycle.Submission:
        return lifecycle.Submission(
            provider="veo4",
            model="veo-4",
            prompt=self._prompt("veo4", marker),
            aspect_ratio=self._random.choice((LANDSCAPE, PORTRAIT, SQUARE)),
            resolution="720p",
            duration=8,
            mode="references" if images else "text",
            image_ids=images,
        )

    def _veo4_references(self, who: User, marker: str) -> lifecycle.Submission:
        return self._veo4(who, marker, self._images(who, 3))

    def _kie(
        self,
        marker: str,
        *,
        model: str = "",
        resolution: str = "720p",
        duration: int = 8,
        mode: str = "text",
        image_ids: tuple[str, ...] = (),
    ) -> lifecycle.Submission:
        return lifecycle.Submission(
            provider="kie",
            model=model or self._random.choice(MODELS),
            prompt=self._prompt("kie", marker, may_be_enlarged=True),
            aspect_ratio=self._random.choice((LANDSCAPE, PORTRAIT)),
            resolution=resolution,
            duration=duration,
            mode=mode,
            image_ids=image_ids,
        )

    def _omni(self, who: User, marker: str) -> lifecycle.Submission:
        length = self._random.choice((4, 6, 8, 10))
        return self._kie(marker, model=self._random.choice(OMNI), duration=length)

    def _omni_references(self, who: User, marker: str) -> lifecycle.Submission:
        images = self._images(who, 3)
        return self._kie(marker, model=OMNI[0], mode="references", image_ids=images)

    def _extension(self, who: User, marker: str) -> lifecycle.Submission | None:
        source = self._source(who, Kind.EXTEND)
        if source is None:
            return None
        prompt = self._prompt(source.provider, marker)
        return lifecycle.extension_of(source, prompt, source.model)

    def _upgrade(self, who: User, kind: Kind) -> lifecycle.Submission | None:
        source = self._source(who, kind)
        return None if source is None else lifecycle.upgrade_of(source, kind)

    def _source(self, who: User, kind: Kind) -> Job | None:
        """A finished video of theirs of which this may be made."""
        takes = Job.objects.takes().for_cards().filter(owner=who, status=Status.SUCCEEDED)
        found = [job for job in takes[:CANDIDATES] if not lifecycle.refusal(job, kind, who)]
        return self._random.choice(found) if found else None

    def _images(self, who: User, most: int) -> tuple[str, ...]:
        own = [str(pk) for pk in Image.objects.filter(owner=who).values_list("pk", flat=True)]
        return tuple(self._random.sample(own, self._random.randint(1, most)))

    def _prompt(self, provider: str, marker: str, *, may_be_enlarged: bool = False) -> str:
        tags = self._draw.tags(provider, may_be_enlarged=may_be_enlarged)
        return f"{marker} {SCENE} {tags}".strip()
