"""What goes beyond the chapters' model: training it and sampling from it on the command line, and the tensor map."""
