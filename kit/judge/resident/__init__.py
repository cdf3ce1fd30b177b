"""One judge for a whole checkout: a process that stays warm, and what asks it.

check.py, save.py, notebooks, editors --> client --socket--> server --> methods (kit.learner.service)
"""
