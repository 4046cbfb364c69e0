"""What the tutoring dialogue shows: hints, feedback, messages."""
