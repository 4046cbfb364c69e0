"""The tutoring dialogue: its states, what it knows of the learner, and what a learner says."""
