"""The grid below the composer: which videos it shows, how, and what changed of them."""
