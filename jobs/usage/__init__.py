"""The credits that were spent, on what, and by whom. Reads and changes nothing."""

from jobs.usage.charts import Bar, Chart, Series, Slice, stacked
from jobs.usage.figures import Figures, Report, UsageRow, labels, report
from jobs.usage.filters import DIMENSIONS, UsageFilter
from jobs.usage.grants import Given, given

__all__ = [
    "DIMENSIONS",
    "Bar",
    "Chart",
    "Figures",
    "Given",
    "Report",
    "Series",
    "Slice",
    "UsageFilter",
    "UsageRow",
    "given",
    "labels",
    "report",
    "stacked",
]
