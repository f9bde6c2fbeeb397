"""What every row shares: the database, the tenant, moments in UTC, a revision and sealed columns."""

from __future__ import annotations

import datetime as dt
import unicodedata
import uuid
from typing import TYPE_CHECKING, Any

import peewee as pw

from models.sealing import keyring

db = pw.DatabaseProxy()

# Norwegian order after z; one private letter each so that every database sorts alike.
_NORDIC = str.maketrans({"æ": "z\x7b", "ä": "z\x7b", "ø": "z\x7c", "ö": "z\x7c", "å": "z\x7d"})


def now() -> dt.datetime:
    """The moment, aware, in UTC, to the second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def fold(text: str) -> str:
    """Text as it is searched: composed, without case, single spaces. Hyphens, apostrophes and Sámi letters stay."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def sort_key(text: str) -> str:
    """Text as it is sorted: folded, accents off, æ ø å last."""
    swapped = fold(text).translate(_NORDIC)
    return "".join(c for c in unicodedata.normalize("NFD", swapped) if not unicodedata.combining(c))


class UtcDateTimeField(pw.DateTimeField):
    """Stores naive UTC and gives aware UTC: PostgreSQL drops the zone, SQLite keeps it."""

    def db_value(self, value: Any) -> Any:
        if isinstance(value, dt.datetime) and value.tzinfo:
            value = value.astimezone(dt.UTC).replace(tzinfo=None)
        return super().db_value(value)

    def python_value(self, value: Any) -> Any:
        value = super().python_value(value)
        return value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) and not value.tzinfo else value


class BaseModel(pw.Model):
    """A row with an identity, and a revision that every save raises."""

    if TYPE_CHECKING:  # peewee makes `id`, `*_id` and back references at run time
        id: Any

        def __getattr__(self, name: str) -> Any: ...

        @classmethod
        def delete(cls) -> Any: ...

    revision = pw.IntegerField(default=1)
    created_at = UtcDateTimeField(default=now)

    class Meta:
        database = db
        legacy_table_names = False

    def save_if_unchanged(self, revision: int, only: list[pw.Field] | None = None) -> bool:
        """Write the row only if it still has `revision`; False when somebody else wrote in between."""
        model = type(self)
        fields = only or [f for f in model._meta.sorted_fields if f.name not in ("id", "revision", "created_at")]
        values = {f: getattr(self, f.object_id_name if isinstance(f, pw.ForeignKeyField) else f.name) for f in fields}
        written = (
            model.update({**values, model.revision: revision + 1})
            .where((model.id == self.id) & (model.revision == revision))
            .execute()
        )
        if written:
            self.revision = revision + 1
        return bool(written)


class Sealed(BaseModel):
    """A row with columns that only the key outside the database opens. `uid` ties the sealed bytes to the row."""

    uid = pw.CharField(max_length=32, default=lambda: uuid.uuid4().hex, unique=True)

    def _place(self, column: str) -> str:
        return f"{self._meta.table_name}.{column}:{self.uid}"

    def seal(self, column: str, plain: str | bytes | None) -> None:
        """Encrypt `plain` into `column`; None empties it."""
        data = plain.encode() if isinstance(plain, str) else plain
        setattr(self, column, None if data is None else keyring.seal(data, self._place(column)))

    def unseal_bytes(self, column: str) -> bytes | None:
        """The plain bytes of `column`. Raises `models.sealing.BadSeal` if the row, the key or the bytes are wrong."""
        stored = getattr(self, column)
        return None if stored is None else keyring.open(bytes(stored), self._place(column))

    def unseal(self, column: str) -> str:
        """The plain text of `column`, empty when nothing is stored."""
        return (self.unseal_bytes(column) or b"").decode()
