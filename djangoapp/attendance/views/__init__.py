"""The pages of the door and the attendance sheets.

Every view begins with the sessions at whose doors this person may work; any other session is not there (404).
"""
