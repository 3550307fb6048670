"""The queue at work: register, claim, run, retry. Rows are in `store/queue.py`, kinds in `domain/jobs.py`."""
