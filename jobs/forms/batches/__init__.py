"""Tables of orders: read from whatever a spreadsheet writes, and checked row by row."""

from jobs.forms.batches.columns import COLUMNS, template
from jobs.forms.batches.handing_in import ChangeBatchForm, HandInForm, OrderBatchForm
from jobs.forms.batches.rows import Table
from jobs.forms.batches.writing import as_csv

__all__ = [
    "COLUMNS",
    "ChangeBatchForm",
    "HandInForm",
    "OrderBatchForm",
    "Table",
    "as_csv",
    "template",
]
