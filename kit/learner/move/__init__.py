"""A learner's work taken from one language of the course to another."""
