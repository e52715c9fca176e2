"""How requests are taken in and files sent, while no thread waits."""
