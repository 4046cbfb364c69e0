"""HTML, also of books and inside Markdown: what a reader of the page sees, as blocks."""
