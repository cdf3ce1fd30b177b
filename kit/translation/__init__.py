"""The course in other languages: a chapter's texts as records, their catalogues, the pairs made of both."""
