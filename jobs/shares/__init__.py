"""Public links to finished videos: made and taken back by the team, opened by whoever has one."""

from jobs.shares.addresses import NotKnown, reseal, tell
from jobs.shares.collections import collect
from jobs.shares.links import NoSuchLink, change, create, find, links_showing, regenerate, revoke
from jobs.shares.moderating import block, delete, unblock
from jobs.shares.password import (
    PASSWORD_MIN,
    is_pass,
    normal_form,
    pass_for,
    unlock,
)
from jobs.shares.review import (
    BLOCKED,
    NoteRefused,
    Opinion,
    answer,
    is_blocked,
    is_under_review,
    opinions,
    resolve,
    say,
)
from jobs.shares.robots import is_robot
from jobs.shares.takes import (
    Take,
    film_of,
    places_of,
    root_of,
    shareable,
    shareable_among,
    shareable_jobs,
    shares_others,
    take_of,
    takes_of,
    zip_bytes,
)
from jobs.shares.terms import TAKES_MAX, MadeBefore, NotShareable, Terms
from jobs.shares.upgrading import Offer, lapse, last_remark, offer_on, picked_place
from jobs.shares.verdicts import verdicts_on
from jobs.shares.visits import count_download, count_view
from jobs.shares.watermarking import draw, tidy, wake

__all__ = [
    "BLOCKED",
    "PASSWORD_MIN",
    "TAKES_MAX",
    "MadeBefore",
    "NoSuchLink",
    "NotKnown",
    "NotShareable",
    "NoteRefused",
    "Offer",
    "Opinion",
    "Take",
    "Terms",
    "answer",
    "block",
    "change",
    "collect",
    "count_download",
    "count_view",
    "create",
    "delete",
    "draw",
    "film_of",
    "find",
    "is_blocked",
    "is_pass",
    "is_robot",
    "is_under_review",
    "lapse",
    "last_remark",
    "links_showing",
    "normal_form",
    "offer_on",
    "opinions",
    "pass_for",
    "picked_place",
    "places_of",
    "regenerate",
    "reseal",
    "resolve",
    "revoke",
    "root_of",
    "say",
    "shareable",
    "shareable_among",
    "shareable_jobs",
    "shares_others",
    "take_of",
    "takes_of",
    "tell",
    "tidy",
    "unblock",
    "unlock",
    "verdicts_on",
    "wake",
    "zip_bytes",
]
