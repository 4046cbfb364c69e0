"""PDF by pdfium: text and layout, ruled tables, figures, pictures of pages and the places of their characters."""
