"""Stored content becomes blocks: what was known of headings, tables and running heads, paragraphs for the rest.

The stored text does not change, so every citation stays exact. Warnings and language come with the document.
"""

from bisect import bisect_right
from typing import Any

from django.db import migrations, models

from documents_app.domain.blocks import Block, BlockKind, block_to_dict, tile


def headings_and_tables_to_blocks(apps: Any, schema_editor: Any) -> None:
    """Write the blocks of every stored text."""
    contents = apps.get_model("documents_app", "DocumentContent").objects
    for content in contents.iterator(chunk_size=10):
        page_starts = [page["char_start"] for page in content.pages]
        blocks = tile(content.text, page_starts, _known(content, page_starts))
        content.blocks = [block_to_dict(block) for block in blocks]
        content.metadata.pop("boilerplate", None)
        content.save(update_fields=["blocks", "metadata"])


def _known(content: Any, page_starts: list[int]) -> list[Block]:
    known = [
        Block(BlockKind.HEADING, entry["page"], entry["char_start"], entry["char_end"], level=entry["level"])
        for entry in content.headings
    ]
    for entry in content.tables:
        box = tuple(entry["bbox"]) if entry.get("bbox") else None
        rows = tuple(tuple(row) for row in entry["cells"])
        span = (entry["char_start"], entry["char_end"])
        known.append(Block(BlockKind.TABLE, entry["page"], *span, rows=rows, bbox=box))
    for start, end in content.metadata.get("boilerplate", ()):
        known.append(Block(BlockKind.FURNITURE, max(bisect_right(page_starts, start), 1), start, end))
    return known


class Migration(migrations.Migration):
    dependencies = [("documents_app", "0006_index_language")]

    operations = [
        migrations.AddField("document", "language", models.CharField(max_length=35, null=True)),
        migrations.AddField("document", "warnings", models.JSONField(default=list)),
        migrations.AddField("documentcontent", "blocks", models.JSONField(default=list)),
        migrations.AddField("documentcontent", "version", models.PositiveIntegerField(default=1)),
        migrations.RunPython(headings_and_tables_to_blocks),
        migrations.RemoveField("documentcontent", "headings"),
        migrations.RemoveField("documentcontent", "tables"),
    ]
