"""Questions as values: what they consist of, their states, and the checks before they are shown."""
