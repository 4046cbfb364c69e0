"""Reading a document: its outline, its key phrases, how hard it is to read, and the units whose meaning is stored."""
