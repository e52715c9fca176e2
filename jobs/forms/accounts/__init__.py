"""The forms of somebody's own account: joining, proving who one is, keys."""
