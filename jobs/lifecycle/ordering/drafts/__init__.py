"""Drafts: the cheapest look at a prompt, and the same as a project delivers.

Both are orders like any other: `check`, `confirm` and `submit` take them. Which models and sizes
there are and what they cost stands in the declarations and in the price list, and nowhere here.
"""
