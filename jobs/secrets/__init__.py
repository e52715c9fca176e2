"""What nobody may read: keys under a seal, and tokens and passwords under a hash."""
