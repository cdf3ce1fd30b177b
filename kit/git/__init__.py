"""git: commands, commits read and written in the learner's clone, backups, addresses, and scripted histories."""
