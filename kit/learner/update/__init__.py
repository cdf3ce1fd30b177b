"""The instructor's newer course brought into the learner's folder without losing an answer or a tick."""
