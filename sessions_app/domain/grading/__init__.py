"""Grading on the server: right, wrong, or "a person should look"; never a guess."""
