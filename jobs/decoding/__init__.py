"""Decodes what others made: pictures and films, in a process that ends with each of them.

Their decoders are large, old and written in C; whatever a file does to one of them, to its memory
or to its time, it does to that process alone. `apart` starts it, `child` is what it runs. Nothing
here knows of Django, its settings or its database, so none of that is in the child's reach.
"""
