"""The forms of public links: their terms, and what is said on them."""
