"""Fixtures of the tests that use the database and Redis."""

from tests.support.fixtures import *
from tests.support.owned import owned  # noqa: F401  (a fixture)
