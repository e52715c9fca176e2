"""The life of a job: the only writer of Job.status.

Every move is one conditional UPDATE with its line of history in the same transaction, so of any
number of workers, callbacks and clicks that want the same move exactly one makes it, and only the
winner moves credits.
"""

from jobs.lifecycle.ordering.approving import (
    AlreadyDecided,
    admit,
    approve,
    ask_ahead,
    decline,
    lacking_own,
)
from jobs.lifecycle.ordering.building_on import (
    available_until,
    extension_of,
    ordered_of,
    refusal,
    shuts_the_door,
    still_possible,
    upgrade_of,
)
from jobs.lifecycle.ordering.checking import WITHOUT_WORDS, check
from jobs.lifecycle.ordering.confirming import (
    AlreadyMade,
    CostsOtherwise,
    already_made,
    already_made_of,
    confirm,
    costs_otherwise,
)
from jobs.lifecycle.ordering.drafts.cheapest import NO_DRAFT, draft_of
from jobs.lifecycle.ordering.drafts.promoting import (
    Promotion,
    Target,
    promotion_of,
    target_named,
    target_of,
    why_not_promoted,
)
from jobs.lifecycle.ordering.noticing import notice_room
from jobs.lifecycle.ordering.picking import pick, remark, withdraw
from jobs.lifecycle.ordering.preconditions import asks_left
from jobs.lifecycle.ordering.problem import Problem
from jobs.lifecycle.ordering.raise_limits import Limit, approve_with_cap, raise_limits
from jobs.lifecycle.ordering.source_film import usual_span
from jobs.lifecycle.ordering.submission import (
    IMAGE_GONE,
    NO_PRICE,
    NotSubmitted,
    Submission,
    SubmissionKeyReused,
    TooManyOrders,
    submission_of,
)
from jobs.lifecycle.ordering.submitting import cancel, retry, submit, submit_takes
from jobs.lifecycle.outcome.adopting import Adoption, adopt, discard
from jobs.lifecycle.outcome.closing import close, reopen
from jobs.lifecycle.outcome.observing import lose, observe
from jobs.lifecycle.outcome.proving import attach, is_proof
from jobs.lifecycle.outcome.resolving import (
    NotResolved,
    may_resolve,
    may_write_off,
    resolve,
    resubmit,
    write_off,
)
from jobs.lifecycle.outcome.unclaimed import NotAdopted
from jobs.lifecycle.sending.accepting import abandon, accept
from jobs.lifecycle.sending.after_restore import RESTORED, doubt_unsent
from jobs.lifecycle.sending.key_queue import PLACE_MAX, places
from jobs.lifecycle.sending.paid_request import start
from jobs.lifecycle.sending.reach import follow_circuits, give_up_after_a_day, wake_probes

__all__ = [
    "IMAGE_GONE",
    "NO_DRAFT",
    "NO_PRICE",
    "PLACE_MAX",
    "RESTORED",
    "WITHOUT_WORDS",
    "Adoption",
    "AlreadyDecided",
    "AlreadyMade",
    "CostsOtherwise",
    "Limit",
    "NotAdopted",
    "NotResolved",
    "NotSubmitted",
    "Problem",
    "Promotion",
    "Submission",
    "SubmissionKeyReused",
    "Target",
    "TooManyOrders",
    "abandon",
    "accept",
    "admit",
    "adopt",
    "already_made",
    "already_made_of",
    "approve",
    "approve_with_cap",
    "ask_ahead",
    "asks_left",
    "attach",
    "available_until",
    "cancel",
    "check",
    "close",
    "confirm",
    "costs_otherwise",
    "decline",
    "discard",
    "doubt_unsent",
    "draft_of",
    "extension_of",
    "follow_circuits",
    "give_up_after_a_day",
    "is_proof",
    "lacking_own",
    "lose",
    "may_resolve",
    "may_write_off",
    "notice_room",
    "observe",
    "ordered_of",
    "pick",
    "places",
    "promotion_of",
    "raise_limits",
    "refusal",
    "remark",
    "reopen",
    "resolve",
    "resubmit",
    "retry",
    "shuts_the_door",
    "start",
    "still_possible",
    "submission_of",
    "submit",
    "submit_takes",
    "target_named",
    "target_of",
    "upgrade_of",
    "usual_span",
    "wake_probes",
    "why_not_promoted",
    "withdraw",
    "write_off",
]
