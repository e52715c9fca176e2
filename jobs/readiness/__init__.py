"""Is it fit to begin: what was set up, what was restored, and the ways to the outside."""
