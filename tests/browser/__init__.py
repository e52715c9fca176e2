"""Journeys through the real product with a real browser."""
