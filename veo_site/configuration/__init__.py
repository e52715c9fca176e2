"""What settings are made of: the environment, and what is wrong with what stands there."""
