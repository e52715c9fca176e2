"""A backlog: thousands of jobs that are ordered while nobody works, and then all of them at once.

How long they take, what that takes of memory and processors, how far behind queue and follower are,
and what people with open tabs see of it. `make soak ARGS="--backlog 5000"`.
"""

ACCOUNTS = 30
"""At the provider, unless told otherwise: each may be sent twenty orders in ten seconds."""
VIDEO_SECONDS = 1.0
TOKEN = "a-token-for-monitors-of-a-backlog"
