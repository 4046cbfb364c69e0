"""Fixtures of the tests that attack."""

from tests.support.fixtures import *
from tests.support.owned import owned  # noqa: F401  (a fixture)
