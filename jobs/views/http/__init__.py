"""What each request comes through on its way to a view, and its answer on the way back."""
