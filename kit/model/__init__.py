"""The model beyond the chapters: training and sampling from the command line, and the tensor map."""
