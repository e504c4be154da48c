"""What changes the shop's state: one verb, one transaction.

Lock order everywhere: cart, sessions (sorted by primary key), order, coupon. A cart belongs to one visitor, so it comes
first; nothing that holds a session's lock ever waits for a cart.
"""
