"""What was spent, on what, and by whom. Reads and changes nothing."""

from jobs.usage.charts import Bar, Chart, Part, Series, stacked
from jobs.usage.figures import Figures, Given, Report, Row, given, labels, report
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
