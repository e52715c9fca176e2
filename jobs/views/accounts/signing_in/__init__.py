"""Signing in by whatever way, and whose browser it is."""
