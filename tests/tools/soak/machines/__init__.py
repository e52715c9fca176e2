"""What the soak runs on: processes, their data, the disk and the database."""
