"""The credits that were spent, on what, and by whom. Reads and changes nothing."""

from jobs.usage.charts import Bar, Chart, Series, Slice, stacked
from jobs.usage.figures import Figures, Report, UsageRow, labels, report
from jobs.usage.grants import Given, given
from jobs.usage.scope import DIMENSIONS, Scope

__all__ = [
    "DIMENSIONS",
    "Bar",
    "Chart",
    "Figures",
    "Given",
    "Report",
    "Scope",
    "Series",
    "Slice",
    "UsageRow",
    "given",
    "labels",
    "report",
    "stacked",
]
