"""The forms of what costs credits: a new video, and what is built on one."""
