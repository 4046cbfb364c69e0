"""Reading of course material: one extractor per format behind one registry.

``registry.extract`` reads in this process; ``sandbox.extract`` does the same in a bounded child process.
"""
