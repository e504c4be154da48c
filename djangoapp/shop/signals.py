"""What the shop announces to apps above it, inside the transaction: listeners that fail undo the sale."""

from django.dispatch import Signal

order_paid = Signal()  # order
order_cancelled = Signal()  # order, lines
