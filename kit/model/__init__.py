"""What goes beyond the chapters: training the model and sampling from it on the command line, and the tensor map."""
