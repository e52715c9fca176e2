"""Takes beside each other: `/compare/`."""
