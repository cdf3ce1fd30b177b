"""The learner's commands: check, save, status, hints, watch, reset, checkpoint, doctor."""
