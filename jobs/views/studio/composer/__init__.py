"""The composer: what it offers, what it begins with, and what it is helped with."""
