"""The credits that were spent, on what, and by whom. Reads and changes nothing."""

from jobs.usage.charts import Bar, Chart, Part, Series, stacked
from jobs.usage.figures import Figures, Report, Row, labels, report
from jobs.usage.grants import Given, given
from jobs.usage.scope import DIMENSIONS, Scope

__all__ = [
    "DIMENSIONS",
    "Bar",
    "Chart",
    "Figures",
    "Given",
    "Part",
    "Report",
    "Row",
    "Scope",
    "Series",
    "given",
    "labels",
    "report",
    "stacked",
]
