"""The instructor's commands: progress of a cohort, live reports, anonymous ones, releases, the demo."""
