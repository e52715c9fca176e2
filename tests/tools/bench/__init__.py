"""`make bench`: what Dailies costs beside the barest code that could do the same.

Each path is measured in turns with its baseline: same server, settings, database and minute, since
only a ratio within one run means anything on a shared machine. A run has its own data folder,
database and ports, and ends every process it starts.
"""
