"""The library behind the workshop: chapters as records, the judge, pairs and ticks, forks and cohorts.

    course --> chapters --> build, judge, reset          forks --> cohort --> report

Each module is one noun and says in its first lines what it takes and gives.
"""
