"""What people search for: their words, where they stand, and the jobs whose texts have them."""
