"""What copies of databases are called, and which of them are kept."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

type Reason = Literal["update", "manual", "restore"]

NEWEST_KEPT = 10
DAYS_KEPT = 7
ENDING = ".sqlite3"

# What the file of a damaged database that was set aside ends with. All are kept for a week, the
# newest for a month.
DAMAGED = ".damaged"
DAMAGED_KEPT = 3
DAMAGED_DAYS_KEPT = 30
MOMENT = "%Y%m%dT%H%M%SZ"
NAME = re.compile(
    r"(?P<alias>.+)-(?P<moment>\d{8}T\d{6}Z)-(?P<reason>update|manual|restore)"
    r"-(?P<version>[^/\\:]*)\.sqlite3",
    re.ASCII | re.DOTALL,
)
UNSAFE = re.compile(r"[^A-Za-z0-9.+_]")


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of the database *alias* that the application's *version* made at *moment* (UTC)."""

    alias: str
    moment: datetime
    reason: Reason
    version: str

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.alias}-{self.moment:{MOMENT}}-{self.reason}-{self.version}{ENDING}"


def new_backup(alias: str, moment: datetime, reason: Reason, version: str) -> Backup:
    """Return the backup to make at *moment*, with *version* as a file's name can hold it."""
    return Backup(alias, moment.replace(microsecond=0), reason, UNSAFE.sub("_", version))


def parse_name(name: str) -> Backup | None:
    """Return the backup whose file is called *name*, None for another file."""
    match = NAME.fullmatch(name)
    if match is None:
        return None
    try:
        moment = datetime.strptime(match["moment"], MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Backup(match["alias"], moment, cast("Reason", match["reason"]), match["version"])


def outdated(backups: Iterable[Backup], today: date) -> set[Backup]:
    """Return those of *backups* that need not be kept on the day *today* (UTC).

    Of each database the newest are kept, and the newest of every day of the last week: however
    many are made in one bad hour, those of the days before are still there.
    """
    of_database: defaultdict[str, list[Backup]] = defaultdict(list)
    for backup in backups:
        of_database[backup.alias].append(backup)
    return {
        backup
        for group in of_database.values()
        for backup in set(group) - kept(sorted(group, key=age), today)
    }


def parse_damaged_name(name: str) -> Backup | None:
    """Return what the file *name* says of a damaged database, None for another file."""
    return parse_name(name.removesuffix(DAMAGED)) if name.endswith(DAMAGED) else None


def outdated_damaged(
    damaged: Iterable[Backup], whole: Iterable[Backup], today: date
) -> set[Backup]:
    """Return those of the *damaged* databases set aside that need not be kept on *today* (UTC).

    None that is from after the newest *whole* copy of its database: it may be all that is left of
    the data. Not many go in one bad hour: the first one set aside has most in it.
    """
    newest_whole = {backup.alias: backup.moment for backup in sorted(whole, key=age)}
    of_database: defaultdict[str, list[Backup]] = defaultdict(list)
    for backup in sorted(damaged, key=age, reverse=True):
        of_database[backup.alias].append(backup)
    return {
        backup
        for alias, newest_first in of_database.items()
        for place, backup in enumerate(newest_first)
        if alias in newest_whole
        and backup.moment < newest_whole[alias]
        and (today - backup.moment.date()).days
        >= (DAMAGED_DAYS_KEPT if place < DAMAGED_KEPT else DAYS_KEPT)
    }


def age(backup: Backup) -> tuple[datetime, str]:
    """Return what sorts older backups first."""
    return backup.moment, backup.name


def kept(oldest_first: list[Backup], today: date) -> set[Backup]:
    """Return which backups of one database are kept."""
    first_day = today - timedelta(days=DAYS_KEPT - 1)
    of_day = {backup.moment.date(): backup for backup in oldest_first}
    recent = {backup for day, backup in of_day.items() if first_day <= day <= today}
    return recent | set(oldest_first[-NEWEST_KEPT:])
