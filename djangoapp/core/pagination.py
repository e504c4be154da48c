"""Pages of long lists that cost no more than short ones."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property


class BoundedPaginator(Paginator):
    """Counts up to ``MOST`` rows and no further, so the database never walks through a million of them.

    Whoever looks for something older searches or filters; ``is_cut_off`` tells the page to say so.
    """

    MOST = 5_000

    @cached_property
    def count(self) -> int:
        # Only keys: what a list computes for its columns is not computed for rows that are merely counted.
        return self.object_list.order_by().values("pk")[: self.MOST].count()

    @property
    def is_cut_off(self) -> bool:
        return self.count >= self.MOST
