"""The people on the team, what they may do, and what holds for all of them."""

from jobs.people import first_admin, profile
from jobs.people.archiving import archive_project, bring_back_project
from jobs.people.describing import change_project, choose_cover
from jobs.people.inviting import (
    VALID_DAYS,
    NotValid,
    accept,
    find,
    first_project,
    invite,
    last_terms,
    revoke,
)
from jobs.people.leaving import Outlook, finish_leaving, leave, outlook
from jobs.people.roles import (
    PersonNotChanged,
    change_role,
    deactivate,
    is_last_admin,
    reactivate,
)
from jobs.people.signing_in import password_links, single_sign_on
from jobs.people.signing_in.signing_out import end_others, end_own, sign_out
from jobs.people.team_settings import change_settings

__all__ = [
    "VALID_DAYS",
    "NotValid",
    "Outlook",
    "PersonNotChanged",
    "accept",
    "archive_project",
    "bring_back_project",
    "change_project",
    "change_role",
    "change_settings",
    "choose_cover",
    "deactivate",
    "end_others",
    "end_own",
    "find",
    "finish_leaving",
    "first_admin",
    "first_project",
    "invite",
    "is_last_admin",
    "last_terms",
    "leave",
    "outlook",
    "password_links",
    "profile",
    "reactivate",
    "revoke",
    "sign_out",
    "single_sign_on",
]
