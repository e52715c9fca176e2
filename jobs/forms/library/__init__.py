"""The forms of the library: what it shows, and what is said of and done with its videos."""
