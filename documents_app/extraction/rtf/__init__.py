"""Rich Text Format (version 1.9.1): read here, since the library for it gives bare text without raised digits or tables."""
