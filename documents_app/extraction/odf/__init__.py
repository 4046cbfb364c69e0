"""OpenDocument (ISO/IEC 26300): texts, presentations and spreadsheets, read from their XML."""
