"""The search: scores by words and by vectors, their fusion, and the passages that are shown of the chunks found."""
