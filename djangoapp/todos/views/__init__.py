"""The pages of to-do lists.

Every view begins with what this person may see: somebody else's list or item is not there (404), for staff as well.
"""
