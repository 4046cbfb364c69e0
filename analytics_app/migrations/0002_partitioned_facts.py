"""The fact tables, partitioned by UTC day. Partitions are made by the partition upkeep and on demand, never here."""

from __future__ import annotations

from django.db import migrations

COMMON = """
    id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    user_id uuid,
    session_id uuid,
    metadata jsonb,
"""

TABLES = {
    "interaction": """
        interaction_type text NOT NULL,
        duration_us bigint CHECK (duration_us >= 0),
        ok boolean,
        answers smallint,
        correct_answers smallint CHECK (correct_answers <= answers),
        object_id uuid,
    """,
    "tool_invocation": """
        tool_name text NOT NULL,
        duration_us bigint NOT NULL CHECK (duration_us >= 0),
        ok boolean NOT NULL,
        agent_version text,
        error_code text,
        error_message text,
        retry_count smallint NOT NULL,
    """,
    "token_usage": """
        model text NOT NULL,
        phase text NOT NULL,
        prompt_tokens bigint NOT NULL CHECK (prompt_tokens >= 0),
        completion_tokens bigint NOT NULL CHECK (completion_tokens >= 0),
        cost_usd numeric(24, 12) CHECK (cost_usd >= 0),
        duration_us bigint CHECK (duration_us >= 0),
        ok boolean,
        measured boolean NOT NULL,
        outcome text,
        call_id uuid,
        feature text,
        folder_id uuid,
        prompt_id text,
        prompt_version text,
        prompt_hash text,
    """,
    "performance": """
        operation text NOT NULL,
        category text NOT NULL,
        duration_us bigint NOT NULL CHECK (duration_us >= 0),
        ok boolean NOT NULL,
        status smallint,
    """,
    "event": """
        event_type text NOT NULL,
        object_id uuid,
    """,
}


def create_sql(kind: str, columns: str) -> str:
    table = f"analytics_fact_{kind}"
    return f"""
        CREATE TABLE {table} ({COMMON} {columns}
            CONSTRAINT {table}_pk PRIMARY KEY (occurred_at, id)
        ) PARTITION BY RANGE (occurred_at);
        CREATE INDEX {table}_user_idx ON {table} (user_id, occurred_at) WHERE user_id IS NOT NULL;
        CREATE INDEX {table}_session_idx ON {table} (session_id, occurred_at) WHERE session_id IS NOT NULL;
    """


class Migration(migrations.Migration):
    dependencies = [("analytics_app", "0001_analytics_tables")]

    operations = [
        migrations.RunSQL(create_sql(kind, columns), f"DROP TABLE analytics_fact_{kind}")
        for kind, columns in TABLES.items()
    ]
