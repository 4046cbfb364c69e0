"""What is read out of a document once and stored: its units and what they mean."""
