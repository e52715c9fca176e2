"""A soak: hundreds of jobs of every kind, one in ten struck by each fault, processes killed.

`python -m tests.tools.soak` runs the whole product on a private PostgreSQL beside the practice
provider and compares, in the end, what the provider charged with what our ledger says.
"""
