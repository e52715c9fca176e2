"""Reading pages, and filling them in."""
