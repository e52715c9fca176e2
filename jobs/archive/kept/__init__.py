"""Where kept files lie, on a disk or in a bucket, and that it is the right one."""
