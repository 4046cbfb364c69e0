"""From the chunks that a search found to the passages that are shown."""
