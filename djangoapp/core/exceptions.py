"""The refusals of the business, as exceptions that a customer may read."""


class DomainError(Exception):
    """A rule of the business said no. Its message is fit to show to the customer."""


class TemporarilyUnavailable(DomainError):
    """Something outside the shop did not answer; the same request may succeed a little later."""
