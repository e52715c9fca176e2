"""Clients that load the product, or take their time."""
