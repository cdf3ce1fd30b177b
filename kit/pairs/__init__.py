"""A chapter's pair of files, `.py` and `.ipynb`: read, compared, merged, synced, measured."""
