"""Schedules: when they run (cron.py), what they say (messages.py), what becomes of late ticks (missed.py): pure.

`runner.py` carries them out, and is the only module here that does I/O.

A schedule's cron line has the five fields of cron (minute, hour, day of month, month, day of week) and is read as
cron reads it: 0 and 7 are Sunday, 1 is Monday, and where both kinds of day are restricted one of them is enough.
Times are those on the wall of the named zone. Where the clocks skip an hour, what falls into it runs once, at the
moment after the gap; where they repeat one, it runs in the first of the two.
"""
