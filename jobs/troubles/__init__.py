"""What needs an admin: noticed by whoever is alive, told once, and once that it is over.

The follower looks at everything and the workers at the follower, so that no part has to tell of its
own death; who tells goes on to see to it that the e-mail leaves.
"""

from jobs.troubles.callbacks import refused
from jobs.troubles.looking import SILENT_SECONDS
from jobs.troubles.noticing import notice_all, notice_follower, tidy

__all__ = ["SILENT_SECONDS", "notice_all", "notice_follower", "refused", "tidy"]
