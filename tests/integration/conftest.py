"""Fixtures of the tests that use the database and Redis."""

from tests.support.fixtures import *
