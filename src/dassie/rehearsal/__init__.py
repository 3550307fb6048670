"""The bad day, made on this machine: a fleet of servers that are not there, relays that pour, and what came of it.

`dassie rehearse` and `bench/flood` use it. Nothing here ever speaks with another machine: names lead to this one.
"""
