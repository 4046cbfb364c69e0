"""Tables that only SQL touches: vectors partitioned by space, and packed lexical postings."""

from __future__ import annotations

from django.db import migrations

VECTORS = """
CREATE TABLE documents_app_chunkembedding (
    space_id integer NOT NULL,
    document_id uuid NOT NULL,
    ordinal integer NOT NULL,
    owner_id uuid NOT NULL,
    session_id uuid NOT NULL,
    ann boolean NOT NULL DEFAULT false,
    embedding halfvec NOT NULL,
    CONSTRAINT chunkembedding_pk PRIMARY KEY (document_id, ordinal, space_id)
) PARTITION BY LIST (space_id);
CREATE INDEX chunkembedding_scope ON documents_app_chunkembedding (owner_id, ann, session_id);
"""

POSTINGS = """
CREATE TABLE documents_app_lexicalposting (
    session_id uuid NOT NULL,
    term bigint NOT NULL,
    document_id uuid NOT NULL,
    data bytea NOT NULL
);
ALTER TABLE documents_app_lexicalposting ALTER data SET STORAGE PLAIN;
CREATE INDEX lexicalposting_session_term
    ON documents_app_lexicalposting (session_id, term, document_id) INCLUDE (data);
CREATE INDEX lexicalposting_document ON documents_app_lexicalposting (document_id);
"""

STEMS = """
CREATE TABLE documents_app_lexicalvector (
    document_id uuid NOT NULL,
    ordinal integer NOT NULL,
    data bytea NOT NULL,
    CONSTRAINT lexicalvector_pk PRIMARY KEY (document_id, ordinal)
);
ALTER TABLE documents_app_lexicalvector ALTER data SET STORAGE PLAIN;
"""


class Migration(migrations.Migration):
    dependencies = [("documents_app", "0001_initial")]

    operations = [
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS vector", migrations.RunSQL.noop),
        migrations.RunSQL(VECTORS, "DROP TABLE documents_app_chunkembedding"),
        migrations.RunSQL(POSTINGS, "DROP TABLE documents_app_lexicalposting"),
        migrations.RunSQL(STEMS, "DROP TABLE documents_app_lexicalvector"),
    ]
