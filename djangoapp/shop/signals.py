"""What the shop announces to apps above it, inside the transaction: listeners that fail undo the sale.

A *place* is an order line whose ``cancelled_at`` is empty, in an order that holds its places. These three signals
together tell of every place that comes and goes:

``order_paid(order)``
    Confirmed: each line that is not given up is a place from now on.
``order_changed(order, added, cancelled)``
    A confirmed order goes on with other places: two lists of ``OrderLine``. Places given up are in ``cancelled``, their
    ``cancelled_at`` set and their ``fee`` the part of the price that stays here. A place that moved to another date is
    in both: its old line in ``cancelled`` and the new one in ``added``, whose ``moved_from`` is the old one.
``order_cancelled(order, lines)``
    Over: ``lines`` had places until this moment. ``order.status`` says how it ended. Lines of an order that is
    cancelled are given up; those of one that only expired may come back, by ``order_paid``.
"""

from django.dispatch import Signal

order_paid = Signal()
order_changed = Signal()
order_cancelled = Signal()
