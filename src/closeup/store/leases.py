"""Leases: a picture that one person has on the screen is not given to another one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from closeup.store.database import Database
from closeup.store.label_tables import Item, Lease

TERM = 300.0
"""Seconds for which a picture is leased; a heartbeat begins them anew."""


class Leases:
    """The leases of one person's session.

    Args:
        database: The database of the store.
        holder: The person and the session; nobody else uses the same text.
        overlap: Number of people that may have one picture at once.
        term: Seconds until others may have a picture whose holder sent no heartbeat.
        clock: Gives seconds since 1970, UTC.

    """

    def __init__(
        self,
        database: Database,
        holder: str,
        *,
        overlap: int = 1,
        term: float = TERM,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.holder = holder
        self._database = database
        self._overlap = overlap
        self._term = term
        self._clock = clock

    def take(self, items: Sequence[int]) -> list[int]:
        """Lease pictures, or lease them for longer; return those that are now leased.

        Args:
            items: Numbers of pictures. Those that enough others hold are left out.

        """
        with self._database.writing() as connection:
            # All sessions lock in the order of numbers, so that no two wait for each other.
            taken = {item for item in sorted(set(items)) if self._take(connection, item)}
        return [item for item in dict.fromkeys(items) if item in taken]

    def give_back(self, items: Sequence[int] | None = None) -> None:
        """End leases; all of this holder if ``items`` is None."""
        query = delete(Lease).where(Lease.holder == self.holder)
        if items is not None:
            query = query.where(Lease.item_id.in_(items))
        with self._database.writing() as connection:
            connection.execute(query)

    def held_by_others(self, items: Sequence[int]) -> dict[int, list[str]]:
        """Other holders of pictures: number → their names; a picture without any is left out."""
        query = select(Lease.item_id, Lease.holder).where(
            Lease.item_id.in_(items),
            Lease.holder != self.holder,
            Lease.expires > self._clock(),
        )
        found: dict[int, list[str]] = {}
        with self._database.reading() as connection:
            for item, holder in connection.execute(query.order_by(Lease.holder)):
                found.setdefault(item, []).append(holder)
        return found

    def _take(self, connection: Connection, item: int) -> bool:
        now = self._clock()
        # The lock on the picture makes two sessions that want it take turns.
        lock = select(Item.id).where(Item.id == item).with_for_update(key_share=True)
        if connection.scalar(lock) is None:
            return False
        connection.execute(delete(Lease).where(Lease.item_id == item, Lease.expires <= now))
        mine = (Lease.item_id == item, Lease.holder == self.holder)
        others = select(func.count()).where(Lease.item_id == item, Lease.holder != self.holder)
        if (connection.scalar(others) or 0) >= self._overlap:
            connection.execute(delete(Lease).where(*mine))
            return False
        until = now + self._term
        if not connection.execute(update(Lease).where(*mine).values(expires=until)).rowcount:
            row = {"item_id": item, "holder": self.holder, "expires": until}
            connection.execute(insert(Lease).values(row))
        return True
