"""The judge: is this answer right? Runs cells on the states of the finished chapter and compares what they give."""
