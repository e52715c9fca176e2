"""The credits that were spent, on what, and by whom. Reads and changes nothing."""

from jobs.usage.charts import Bar, Chart, Series, Slice, stacked
from jobs.usage.drafts import Saved, saved
from jobs.usage.figures import Report, UsageRow, labels, report
from jobs.usage.filters import DIMENSIONS, UsageFilter
from jobs.usage.grants import Given, given
from jobs.usage.projection import Projection, projection_of
from jobs.usage.sums import Figures

__all__ = [
    "DIMENSIONS",
    "Bar",
    "Chart",
    "Figures",
    "Given",
    "Projection",
    "Report",
    "Saved",
    "Series",
    "Slice",
    "UsageFilter",
    "UsageRow",
    "given",
    "labels",
    "projection_of",
    "report",
    "saved",
    "stacked",
]
