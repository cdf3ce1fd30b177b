"""The course as its author writes it: chapters, cells, blanks checklists; and what is built from them."""
