"""The whole project as processes on one machine: ``python -m tutor_project.stack run|up|down|demo``.

Used by the Makefile. It starts the embedded servers unless others are configured, prepares the database, runs web,
worker and beat, and takes a document through the main job over HTTP, as any front end would.
"""
