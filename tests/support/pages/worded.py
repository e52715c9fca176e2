"""A team whose words are Hebrew, and one whose are Japanese or too long for a phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone

from jobs import credentials, keeping, ledger, lifecycle, people, shares
from jobs.mail import stopping
from jobs.models import (
    Batch,
    Job,
    Notice,
    Preset,
    Project,
    PromptTemplate,
    ShareLink,
    Stray,
    User,
)
from jobs.models.jobs.job import TITLE_LENGTH_MAX
from tests.support import factories
from tests.support.states import tables


@dataclass(frozen=True, slots=True)
class Words:
    """What such a team writes. Names are of one word, of four letters at least."""

    person: str
    admin: str
    gone: str
    asleep: str
    project: str
    other: str
    team: str
    prompt: str
    text: str


ORDINARY = Words(
    person="mara.lindqvist",
    admin="ada.okafor",
    gone="jonas.weber",
    asleep="priya.nair",
    project="Autumn launch",
    other="Harbor loops",
    team="Northlight Studio",
    prompt="A lighthouse in the rain",
    text="A boat comes out of the harbor, slowly, in the first light of the day",
)
HEBREW = Words(
    person="נועה",
    admin="אבי",
    gone="דוד",
    asleep="רות",
    project="סרט הסתיו",
    other="נמל",
    team="צוות הצפון",
    prompt="ילדה רצה בגשם",
    text="ספינה יוצאת מן הנמל " * 15,
)
JAPANESE_OR_ENDLESS = Words(
    person="田中さくら",
    admin="Hausenberger" * 12,
    gone="鈴木蓮",
    asleep="Altwarenhaus" * 12,
    project="Meisterwerk" * 7,
    other="港の灯台と秋のキャンペーン",
    team="Nordlichtstudio" * 5,
    prompt="Donaudampfschifffahrt" * 9 + "gesellschaft",
    text="霧の中から船が現れ、ゆっくりと港に入ってくる。" * 5
    + "Rindfleischetikettierungsueberwachung" * 6,
)


@dataclass(frozen=True, slots=True)
class WordedTeam:
    admin: User
    member: User
    pages: dict[str, list[str]]
    """The addresses of each page, by the name of its route."""


def make(words: Words) -> WordedTeam:
    """Such a team with everything that it can have, in every state."""
    member, admin = factories.member(words.person, credits=5000), factories.admin(words.admin)
    gone, asleep = factories.member(words.gone), factories.member(words.asleep)
    why, name = words.text[:200], words.prompt[:60]
    people.change_settings(
        admin,
        name=words.team,
        reset_day=3,
        credit_value=None,
        currency="USD",
        members_share_others=True,
        reason=why,
    )
    project = Project.objects.create(name=words.project, created_by=member)
    other = Project.objects.create(name=words.other, created_by=admin)
    take = factories.succeeded(member, prompt=words.prompt, project_id=project.pk)
    longer = factories.finish(factories.extension(take, prompt=words.text))
    factories.run(factories.job(member, prompt=words.text))
    factories.job(member, prompt=words.prompt)
    for status in ("failed", "lost", "uncertain", "canceled"):
        ended = factories.job(member, prompt=words.prompt, project_id=project.pk)
        Job.objects.filter(pk=ended.pk).update(
            status=status, finished_at=timezone.now(), external_id=f"x-{ended.pk.hex[:8]}"
        )
    ledger.set_project_cap(project, 400, reason=why, actor=admin)
    ledger.set_allowance(member, 90, reason=why, actor=admin)
    ledger.grant(member, -4400, reason=why, actor=admin)
    dear = {"prompt": words.prompt, "model": "veo3", "project_id": project.pk}
    parked = [factories.job(member, **dear) for _ in range(2)]
    if request := parked[0].budget_request:
        lifecycle.decline(request, admin, answer=why)
    for asked_for in (None, project):
        lifecycle.ask_ahead(member, 500, reason=why, project=asked_for, key=uuid4())
    credentials.set_account(member.credentials.get(provider="kie"), name, actor=member)
    token, locked = _links(words, take, longer, admin)
    invited = people.invite("member", admin, note=name)
    people.leave(gone, member, admin, reason=why, sends_queued=False)
    people.deactivate(asleep, admin, reason=why)

    _keep([take, parked[1]], words, member)

    template = _fillings(words, member, project)
    month = f"{timezone.localdate():%Y-%m}"
    told: dict[str, list[list[Any]]] = {
        "job": [[job.pk] for job in Job.objects.filter(owner=member)],
        "extend": [[take.pk]],
        "promote": [[_as_draft(take)]],
        "rename": [[take.pk]],
        "stop-mail": [[stopping.token_for(member, ["failed"])]],
        "notice": [[each.pk] for each in Notice.objects.filter(person=member)[:1]],
        "adopt-stray": [[_unclaimed(member, "task-8").pk]],
        "discard-stray": [[_unclaimed(member, "task-9").pk]],
        "project": [[project.pk]],
        "change-project": [[project.pk]],
        "grant": [[member.pk]],
        "allowance": [[member.pk]],
        "project-cap": [[project.pk]],
        "person": [[person.pk] for person in (member, admin, gone, asleep)],
        "leave": [[member.pk]],
        "template": [[template.pk]],
        "use-template": [[template.pk]],
        "join": [[invited], ["x" * 43]],
        "confirm-address": [["x" * 43]],
        "new-password": [[people.password_links.hand_over(member, admin)]],
        "statement": [
            [*which, month]
            for which in (("team", "team"), ("person", member.pk), ("project", project.pk))
        ],
        "batch": [[each.pk] for each in Batch.objects.all()],
        "batch-live": [[each.pk] for each in Batch.objects.all()],
        "share": [[each.pk] for each in ShareLink.objects.all()],
        "shared": [[token], [locked]],
        "shared-compare": [[token], [locked]],
        "shared-embed": [[token], [locked]],
    }
    found = dict(_plain_addresses())
    for route, each in told.items():
        found[route] = [reverse(route, args=arguments) for arguments in each]
    ours, empty = f"project={project.pk}", f"project={other.pk}"
    found["studio"] += [f"/?{each}" for each in (f"q={words.prompt}", ours, empty, "q=אין")]
    found["move-videos"] += [f"/jobs/move/?video={take.pk}"]
    found["studio"] += ["/?scope=mine", "/?tab=attention"]
    found["compare"] += [f"/compare/?take={take.pk}&take={each.pk}" for each in (longer, parked[0])]
    found["usage"] += [
        f"/usage/?{each}" for each in ("by=person", "by=project", f"person={member.pk}&{ours}")
    ]
    found["audit"] += [f"/team/audit/?q=אין&actor={member.pk}", f"/team/audit/?actor={admin.pk}"]
    found["new-share"] += [f"/shares/new/?take={take.renditions.get().pk}&words={words.prompt}"]
    found["new-share"] += ["/shares/new/?words=אין"]
    found["frames"] += ["/images/frames/?words=אין"]
    return WordedTeam(admin, member, found)


def _as_draft(take: Job) -> UUID:
    """A video that can be promoted, too."""
    Job.objects.filter(pk=take.pk).update(is_draft=True)
    return take.pk


def _keep(videos: list[Job], words: Words, member: User) -> None:
    """A title for one, and the trash for the other."""
    keeping.entitle(videos[0].pk, words.prompt[:TITLE_LENGTH_MAX], member)
    keeping.throw_away([videos[1].pk], member)


def _unclaimed(member: User, external_id: str) -> Stray:
    """Work of a key of theirs that no video owns."""
    key = member.credentials.get(provider="kie")
    return Stray.objects.create(provider="kie", external_id=external_id, credential=key)


def _links(words: Words, take: Job, longer: Job, admin: User) -> tuple[str, str]:
    """The tokens of a link that was answered, and of one with a password."""
    name, member = words.prompt[:60], take.owner
    film = take.renditions.get()
    terms = shares.Terms(title=name, note=words.text, shows_prompt=True, shows_person=True)
    link, token = shares.create([film, longer.renditions.all()[0]], terms, member)
    shares.create([film], shares.Terms(embed_sites="https://site.example"), admin)
    _, locked = shares.create([film], shares.Terms(title=name, password="sesame"), member)
    first, second = link.takes.all()
    said = shares.say(link, first, "changes", name=name, visitor="v", text=words.text)
    shares.say(link, second, "pick", name=name, visitor="v", text=words.text)
    shares.answer(said, words.text, member)
    return token, locked


def _fillings(words: Words, member: User, project: Project) -> PromptTemplate:
    """What fills the composer, and tables that order much at once."""
    kept = {"name": words.prompt[:60], "project": project}
    template = PromptTemplate.objects.create(
        text=f"{words.text} {{{words.person}: {words.prompt}}}", author=member, **kept
    )
    Preset.objects.create(owner=member, prompt=words.text, watermark=words.project, **kept)
    tables.confirmed(member, words.prompt, words.text)
    wrong = f"{words.text},{words.other},{words.text}"
    tables.draft(member, tables.table(wrong, header=f"prompt,project,{words.person}"))
    return template


def _plain_addresses() -> Iterator[tuple[str, list[str]]]:
    """Those that need not be told anything."""
    for name in get_resolver().reverse_dict:
        if isinstance(name, str):
            with suppress(NoReverseMatch):
                yield name, [reverse(name)]
