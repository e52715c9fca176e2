"""Answers that are no page of a wing: kept files, tables, and what cannot be done."""
