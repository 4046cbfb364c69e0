"""Connections from the pool, or a refusal within the pool's time-out when the server is away."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool

from tutor_project.common.circuit import Circuit

circuit = Circuit()
"""One a process: all threads wait for the same server."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Looks itself whether a connection of the pool still lives.

    The pool's own check goes through its dead connections one by one, with growing pauses: after a restart of the
    server a request would wait in vain while new connections are there to be had.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a living connection; raises psycopg's OperationalError, at once when another attempt has just failed."""
        refusal = psycopg.OperationalError("the server did not answer a moment ago")
        with circuit.attempt(away=(psycopg.OperationalError,), refusal=refusal):
            connection = super().get_new_connection(conn_params)
            if self.pool and not _lives(connection):
                self.pool.putconn(connection)
                self.pool.drain()  # they are all of the time before the restart
                connection = super().get_new_connection(conn_params)
            return connection

    def prepared_cursor(self) -> Any:
        """Return a cursor whose statements are prepared once a connection: planning one of several parts takes longer than running it.

        Its parameters are bound by the server. Name the columns that such a statement returns: a prepared ``*`` fails
        when a migration adds one. Behind a pooler of transactions (``DB_TRANSACTION_POOLING``) nothing is prepared.
        """
        self.ensure_connection()
        usual, self.connection.cursor_factory = self.connection.cursor_factory, base.ServerBindingCursor
        try:
            return self.cursor()
        finally:
            self.connection.cursor_factory = usual


def _lives(connection: psycopg.Connection[Any]) -> bool:
    try:
        ConnectionPool.check_connection(connection)
    except psycopg.Error:
        return False
    return True
