"""The same questions asked of a bare Django, to compare with."""
