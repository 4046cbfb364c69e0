"""Models of documents: what was uploaded, what was read out of it, and the indexes that searches use."""

from documents_app.models.content import Chunk, DocumentContent, SessionAnalysis
from documents_app.models.document import Document, StoredFile
from documents_app.models.pictures import DocumentFigure, PagePicture
from documents_app.models.reading import DocumentReading, ReadChunk, StoredStudy
from documents_app.models.retrieval import (
    ChunkEmbedding,
    DocumentEmbedding,
    DocumentIndex,
    EmbeddingSpace,
    LexicalPosting,
    LexicalVector,
)

__all__ = [
    "Chunk",
    "ChunkEmbedding",
    "Document",
    "DocumentContent",
    "DocumentEmbedding",
    "DocumentFigure",
    "DocumentIndex",
    "DocumentReading",
    "EmbeddingSpace",
    "LexicalPosting",
    "LexicalVector",
    "PagePicture",
    "ReadChunk",
    "SessionAnalysis",
    "StoredFile",
    "StoredStudy",
]
