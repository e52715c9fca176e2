"""What providers publish as their prices: read once a day, kept as it changes, shown beside ours.

Nothing depends on it. A price of ours changes when an admin takes one over, and never by itself.
"""

from jobs.feeds.comparing import Line, lines, take_over
from jobs.feeds.reading import claim_due, read

__all__ = ["Line", "claim_due", "lines", "read", "take_over"]
