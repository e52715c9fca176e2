"""The page of one video, and what stands on it."""
