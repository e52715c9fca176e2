"""The life of a job: the only writer of Job.status.

Every move is one conditional UPDATE with its line of history in the same transaction, so of any
number of workers, callbacks and clicks that want the same move exactly one makes it, and only the
winner moves credits.
"""

from jobs.lifecycle.claims import hash_token
from jobs.lifecycle.entry import (
    NotSubmitted,
    Submission,
    SubmissionKeyReused,
    cancel,
    retry,
    submission_of,
    submit,
)
from jobs.lifecycle.news import attach, is_proof, lose, observe
from jobs.lifecycle.resolving import NotResolved, resolve
from jobs.lifecycle.sending import abandon, accept, mark, start

__all__ = [
    "NotResolved",
    "NotSubmitted",
    "Submission",
    "SubmissionKeyReused",
    "abandon",
    "accept",
    "attach",
    "cancel",
    "hash_token",
    "is_proof",
    "lose",
    "mark",
    "observe",
    "resolve",
    "retry",
    "start",
    "submission_of",
    "submit",
]
