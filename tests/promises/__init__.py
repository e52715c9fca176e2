"""The four promises of the README, held against everything that can go wrong, in any order.

`machine` plays random histories over the real verbs; `account` is the provider's own truth that
they are compared with; `mutants` breaks the product in ways that must be noticed.
"""
