"""The queue at work: register, claim, run, retry. Rows are in `store/queue`, kinds in `domain/jobs.py`."""
