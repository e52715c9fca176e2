"""Rows as they stand after much has happened."""
