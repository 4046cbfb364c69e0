"""How the console, which speaks English, writes dates."""
