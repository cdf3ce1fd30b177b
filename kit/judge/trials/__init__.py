"""The processes that run cells: one that forks, one started for each job, and what both run."""
