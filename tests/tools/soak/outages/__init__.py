"""Outages: whatever Dailies needs is gone for a minute, one after the other, under load.

What pages answer meanwhile is looked at every moment, and how soon all goes on by itself after it.
`make soak ARGS=--outages`.
"""

DISK_FLOOR = 4_000_000
"""Bytes that are to be free for an order to be taken, on a disk that is filled."""
