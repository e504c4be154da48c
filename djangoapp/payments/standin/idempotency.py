"""Idempotency keys: the first result is kept for a day and given again to whoever asks the same."""

from dataclasses import asdict, dataclass

from .errors import ApiError

KEPT_SECONDS = 24 * 60 * 60
LONGEST_KEY = 255


@dataclass(slots=True)
class Record:
    """One key. ``status`` stays None while its first request is being carried out."""

    method: str
    path: str
    parameters: str
    created: int
    status: int | None = None
    body: str = ""
    request_id: str = ""


class Keys:
    """The records by key, oldest first. Call with the store's lock held."""

    def __init__(self, now):
        self._now = now
        self._records = {}

    def begin(self, key, method, path, parameters):
        """The finished record to replay, or None: then the key is reserved for this request."""
        if len(key) > LONGEST_KEY:
            raise ApiError(
                400,
                f"Idempotency keys can be at most {LONGEST_KEY} characters.",
                kind="idempotency_error",
            )
        self._prune()
        record = self._records.get(key)
        if record is None:
            self._records[key] = Record(method, path, parameters, self._now())
            return None
        if (record.method, record.path) != (method, path):
            raise ApiError(
                400,
                "Keys for idempotent requests can only be used for the same endpoint they were"
                f" first used for ('{record.path}' vs '{path}'). Try using a key other than"
                f" '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
            )
        if record.parameters != parameters:
            raise ApiError(
                400,
                "Keys for idempotent requests can only be used with the same parameters they were"
                f" first used with. Try using a key other than '{key}' if you meant to execute a"
                " different request.",
                kind="idempotency_error",
            )
        if record.status is None:
            raise ApiError(
                409,
                "There is currently another in-progress request using this Idempotent Key (that"
                " probably means you submitted twice, and the other request is still going"
                f" through): {key}. Please try again later.",
                code="idempotency_key_in_use",
            )
        return record

    def finish(self, key, status, body, request_id):
        record = self._records.get(key)
        if record is not None:
            record.status, record.body, record.request_id = status, body, request_id

    def release(self, key):
        """The request was not carried out: the key is free again."""
        self._records.pop(key, None)

    def clear(self):
        self._records.clear()

    def snapshot(self):
        return {key: asdict(record) for key, record in self._records.items() if record.status is not None}

    def restore(self, snapshot):
        self._records = {key: Record(**values) for key, values in snapshot.items()}

    def _prune(self):
        oldest_kept = self._now() - KEPT_SECONDS
        while self._records:
            key = next(iter(self._records))
            if self._records[key].created > oldest_kept:
                return
            del self._records[key]
