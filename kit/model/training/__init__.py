"""Training from the command line: the chapters' model and Trainer, with faster parts where a person waits.

text -> loader -> session (nanogpt.Trainer) -> saved folder -> continuation of a prompt
"""
