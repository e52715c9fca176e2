"""Films and pictures, as people and cameras make them."""
