"""Addresses: ours that leave the house, those of callers, and how often each may do what."""
