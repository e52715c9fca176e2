"""``make pages``: what the W3C's checker and Lighthouse say of the pages, and what they weigh."""
