"""Postings are read by owner: a library is one range a term, a session names its documents."""

from __future__ import annotations

from django.db import migrations, models

FORWARD = """
ALTER TABLE documents_app_lexicalposting ADD COLUMN owner_id uuid;
UPDATE documents_app_lexicalposting p SET owner_id = i.owner_id
    FROM documents_app_documentindex i WHERE i.document_id = p.document_id;
DELETE FROM documents_app_lexicalposting WHERE owner_id IS NULL;
ALTER TABLE documents_app_lexicalposting ALTER owner_id SET NOT NULL;
DROP INDEX lexicalposting_session_term;
ALTER TABLE documents_app_lexicalposting DROP COLUMN session_id;
CREATE INDEX lexicalposting_owner_term
    ON documents_app_lexicalposting (owner_id, term, document_id) INCLUDE (data);
"""

BACKWARD = """
ALTER TABLE documents_app_lexicalposting ADD COLUMN session_id uuid;
UPDATE documents_app_lexicalposting p SET session_id = i.session_id
    FROM documents_app_documentindex i WHERE i.document_id = p.document_id;
DELETE FROM documents_app_lexicalposting WHERE session_id IS NULL;
ALTER TABLE documents_app_lexicalposting ALTER session_id SET NOT NULL;
DROP INDEX lexicalposting_owner_term;
ALTER TABLE documents_app_lexicalposting DROP COLUMN owner_id;
CREATE INDEX lexicalposting_session_term
    ON documents_app_lexicalposting (session_id, term, document_id) INCLUDE (data);
"""


class Migration(migrations.Migration):
    dependencies = [("documents_app", "0002_search_tables")]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RemoveField("lexicalposting", "session_id"),
        migrations.AddField("lexicalposting", "owner_id", models.UUIDField(), preserve_default=False),
    ]
