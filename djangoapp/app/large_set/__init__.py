"""A large set: projects, sessions and bookings by the thousand, to measure the shop by.

A few bookings of each kind are made by the same services that buyers use, and undone again; their rows are the patterns
of which all others are copies, so a large set holds what the shop itself would have written. Its plan is fixed by the
three numbers, and each batch of sessions comes whole or not at all: a load that was broken off goes on where it was.
"""
