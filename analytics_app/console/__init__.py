"""What the console shows of the figures."""
