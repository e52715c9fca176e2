"""Keep videos in order: what they are called, where they are filed, and what is thrown away.

Nothing of this touches money or a status. What a video cost stays with whoever paid for it, and
with the project it was paid under. Open pages are told by the job's version.
"""

from jobs.keeping.changes import Change, Done, NotKept, What
from jobs.keeping.filing import refile
from jobs.keeping.purging import purge, purge_due
from jobs.keeping.titles import entitle
from jobs.keeping.trash import ends_on, restore, throw_away
from jobs.keeping.undoing import undo

__all__ = [
    "Change",
    "Done",
    "NotKept",
    "What",
    "ends_on",
    "entitle",
    "purge",
    "purge_due",
    "refile",
    "restore",
    "throw_away",
    "undo",
]
