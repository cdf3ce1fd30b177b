"""git in the learner's own clone: commands, what is committed, backups, addresses, and whole histories at once."""
