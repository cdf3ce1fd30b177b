"""Training on the command line: the chapters' model and Trainer, with faster parts in their place.

text -> loader -> run (nanogpt.Trainer) -> saved folder -> sample
"""
