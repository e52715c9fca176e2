"""A team with open tabs: the whole product beside the practice provider, and what it costs.

`python -m tests.tools.bench tabs` plays it on SQLite and on PostgreSQL, in under five minutes.
"""
