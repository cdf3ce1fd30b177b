"""The library behind the workshop: chapters as records, the judge, pairs and ticks, forks and cohorts.

    course --> chapters --> build, judge, reset          forks --> cohort --> report

Each module is about one thing, and its first lines say what goes in and what comes out.
"""
