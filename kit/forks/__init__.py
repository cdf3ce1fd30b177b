"""Students' forks, read from git's object store into records, with their history."""
