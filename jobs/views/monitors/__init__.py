"""For whoever watches from outside: is it alive, and in figures."""
