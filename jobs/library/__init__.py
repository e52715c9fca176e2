"""The library: all videos that somebody may see, narrowed down, in an order, page by page."""

from jobs.library.pages import PAGE_SIZE, SORTS, Page, Sort, page_of
from jobs.library.sought import MADE, STATES, Sought, all_of, count, newest_first

__all__ = [
    "MADE",
    "PAGE_SIZE",
    "SORTS",
    "STATES",
    "Page",
    "Sort",
    "Sought",
    "all_of",
    "count",
    "newest_first",
    "page_of",
]
