"""The course as its author writes it: chapters, cells, blanks and checklists, and what's built from them."""
