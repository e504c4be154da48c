"""Objects as Stripe shows them: every field its document requires, ids where it expands.

Each function builds a new plain dict; keeping it is the caller's business.
"""
