"""Question banks as files for other programs: Anki, CSV, QTI. Plain data in, bytes out."""
