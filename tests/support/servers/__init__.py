"""Servers, processes and clients beside the product."""
