"""Shapes of the document endpoints."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from rest_framework import serializers

from documents_app.api.serializers.shared import WarningSerializer
from documents_app.domain.blocks import BLOCK_KINDS, MarkKind
from documents_app.models import DocumentFigure
from documents_app.services.pictures import DEFAULT_WIDTH, MAX_WIDTH


class PageSpanSerializer(serializers.Serializer[Any]):
    """A page's range in the stored text."""

    page = serializers.IntegerField()
    char_start = serializers.IntegerField()
    char_end = serializers.IntegerField()


class HeadingSerializer(PageSpanSerializer):
    """A heading with its level and range."""

    level = serializers.IntegerField()
    text = serializers.CharField()


class TableSerializer(PageSpanSerializer):
    """A table with its cells and, where known, its bounding box in points."""

    cells = serializers.ListField(child=serializers.ListField(child=serializers.CharField(allow_blank=True)))
    bbox = serializers.ListField(child=serializers.FloatField(), allow_null=True)


class FigureSerializer(serializers.ModelSerializer[DocumentFigure]):
    """A figure: number, page, caption (empty if it has none) and size in pixels."""

    class Meta:
        model = DocumentFigure
        fields = ["n", "page", "caption", "width", "height"]
        read_only_fields = fields


class PageImageQuerySerializer(serializers.Serializer[Any]):
    """How wide the picture of a page is wanted, in pixels."""

    width = serializers.IntegerField(min_value=16, max_value=MAX_WIDTH, default=DEFAULT_WIDTH)


class PageBoxesQuerySerializer(serializers.Serializer[Any]):
    """A span of the document's stored text, in code points; what stands on other pages is left out."""

    char_start = serializers.IntegerField(min_value=0)
    char_end = serializers.IntegerField(min_value=1)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a span that is empty or runs backwards."""
        if attrs["char_start"] >= attrs["char_end"]:
            raise serializers.ValidationError({"char_end": gettext("It must be larger than char_start.")})
        return attrs


class PageBoxesSerializer(serializers.Serializer[Any]):
    """Where a span stands on a page: the page's size in points, boxes ``[x0, y0, x1, y1]`` in fractions of it."""

    page = serializers.IntegerField()
    width = serializers.FloatField()
    height = serializers.FloatField()
    boxes = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))


class MarkSerializer(serializers.Serializer[Any]):
    """A span inside a block; ``latex`` of formulas only."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in MarkKind])
    char_start = serializers.IntegerField()
    char_end = serializers.IntegerField()
    latex = serializers.CharField(allow_null=True)


class BlockSerializer(PageSpanSerializer):
    """A block of the document: what does not apply to its kind is null."""

    kind = serializers.ChoiceField(choices=BLOCK_KINDS)
    level = serializers.IntegerField(allow_null=True)
    latex = serializers.CharField(allow_null=True)
    code_language = serializers.CharField(allow_null=True)
    rows = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(allow_blank=True)), allow_null=True
    )
    marks = MarkSerializer(many=True)


class ContentPageSerializer(serializers.Serializer[Any]):
    """Which blocks of a document to give: at most ``limit`` (all by default) after the first ``blocks_after``."""

    blocks_after = serializers.IntegerField(min_value=0, default=0)
    limit = serializers.IntegerField(min_value=1, max_value=10_000, required=False)


class DocumentContentSerializer(serializers.Serializer[Any]):
    """Content of a document; which parts are present depends on ``type``."""

    document_id = serializers.UUIDField()
    filename = serializers.CharField()
    text = serializers.CharField(required=False)
    pages = PageSpanSerializer(many=True, required=False)
    headings = HeadingSerializer(many=True, required=False)
    tables = TableSerializer(many=True, required=False)
    figures = FigureSerializer(many=True, required=False)
    blocks = BlockSerializer(many=True, required=False)
    next_blocks_after = serializers.IntegerField(required=False, allow_null=True)
    warnings = WarningSerializer(many=True, required=False)
    language = serializers.CharField(required=False, allow_null=True)
    metadata = serializers.DictField(required=False)


class DocumentStatsSerializer(serializers.Serializer[Any]):
    """Figures of uploads in a range; times are milliseconds."""

    total = serializers.IntegerField()
    by_status = serializers.DictField(child=serializers.IntegerField())
    success_rate = serializers.FloatField(allow_null=True)
    processing_time_ms = serializers.DictField(child=serializers.FloatField(allow_null=True))
    file_types = serializers.DictField(child=serializers.IntegerField())
    uploads_per_day = serializers.ListField(child=serializers.DictField())
    total_size = serializers.IntegerField()
    total_pages = serializers.IntegerField()
