"""git: commands, reading and writing commits in the learner's clone, backups, addresses, and scripted histories."""
