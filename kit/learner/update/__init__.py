"""Brings the instructor's newer course into the learner's folder without losing an answer or a tick."""
