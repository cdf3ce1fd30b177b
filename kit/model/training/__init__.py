"""Training on the command line: the chapters' model and Trainer, with faster parts swapped in.

text -> loader -> run (nanogpt.Trainer) -> saved folder -> sample
"""
