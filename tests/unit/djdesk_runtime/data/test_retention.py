import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import pytest

from djdesk_runtime.data.retention import (
    DAMAGED,
    Backup,
    new_backup,
    outdated,
    outdated_damaged,
    parse_damaged_name,
    parse_name,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOON.date()


def at(moment: datetime, alias: str = "default") -> Backup:
    return new_backup(alias, moment, "update", "1.0")


def test_name_says_everything() -> None:
    backup = new_backup("my-data", NOON.replace(microsecond=7), "manual", "1.0+local")
    assert backup.name == "my-data-20261123T120000Z-manual-1.0+local.sqlite3"
    assert parse_name(backup.name) == backup


@pytest.mark.parametrize("version", ["1/2", "..\\x", "a:b", "1-2", "", "ü", "x" * 50])
def test_any_version_makes_a_name_that_is_understood(version: str) -> None:
    backup = new_backup("default", NOON, "restore", version)
    assert not set(backup.name) & set('/\\:*?"<>|')
    assert parse_name(backup.name) == backup


@pytest.mark.parametrize(
    "name",
    [
        "",
        "db.sqlite3",
        "default-20261123T120000Z-update-1.0.sqlite3.partial",
        "default-20261123T120000Z-other-1.0.sqlite3",
        "default-20261323T120000Z-update-1.0.sqlite3",
        "-20261123T120000Z-update-1.0.sqlite3",
        "default-20261123T120000Z-update-1.0.sqlite3-wal",
        "default-20261123T120000Z-update-../1.0.sqlite3",
    ],
)
def test_other_files_are_no_backups(name: str) -> None:
    assert parse_name(name) is None


@pytest.mark.parametrize(
    ("ages", "gone"),
    [
        ([], []),
        (range(10), []),  # ten, however old they are
        (range(0, 300, 30), []),
        (range(11), [10]),  # eleven within a day
        (range(12), [10, 11]),
        # Twelve today, and two on each day before: of those the newer one, for six days.
        (
            [*range(12), *(24 * day + hour for day in range(1, 9) for hour in (0, 1))],
            [10, 11, *(24 * day + 1 for day in range(1, 7)), *(169, 168, 193, 192)],
        ),
    ],
)
def test_what_goes(ages: list[int], gone: list[int]) -> None:
    evening = NOON.replace(hour=23)
    backups = {hours: at(evening - timedelta(hours=hours)) for hours in ages}
    assert outdated(backups.values(), TODAY) == {backups[hours] for hours in gone}


def newest_of_days(backups: set[Backup], today: date) -> set[Backup]:
    week = {today - timedelta(days=number) for number in range(7)}
    found: dict[date, Backup] = {}
    for backup in sorted(backups, key=lambda one: one.moment):
        if backup.moment.date() in week:
            found[backup.moment.date()] = backup
    return set(found.values())


@pytest.mark.parametrize("seed", range(40))
def test_newest_ten_and_one_of_each_day_of_a_week_stay(seed: int) -> None:
    chance = random.Random(seed)
    spread = chance.choice([3600, 86_400, 8 * 86_400, 400 * 86_400])
    backups = {
        at(NOON + timedelta(seconds=chance.randint(-spread, spread // 10)), alias)
        for alias in ("default", "more")
        for _ in range(chance.randint(0, 60))
    }
    left = backups - outdated(backups, TODAY)
    assert outdated(left, TODAY) == set()
    groups: defaultdict[str, set[Backup]] = defaultdict(set)
    for backup in backups:
        groups[backup.alias].add(backup)
    for alias, group in groups.items():
        stay = {backup for backup in left if backup.alias == alias}
        newest = set(sorted(group, key=lambda one: one.moment)[-10:])
        assert stay == newest | newest_of_days(group, TODAY)
        assert outdated(group, TODAY) == group - stay, "other databases make a difference"


@pytest.mark.parametrize("seed", range(3))
def test_a_year_of_use_keeps_a_bounded_number_and_every_day_of_the_week(seed: int) -> None:
    chance = random.Random(seed)
    kept: set[Backup] = set()
    made: set[Backup] = set()
    for day in range(365):
        for second in sorted(chance.sample(range(86_400), chance.choice([0, 0, 1, 2, 25]))):
            moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day, seconds=second)
            made.add(at(moment))
            kept.add(at(moment))
            kept -= outdated(kept, moment.date())
            assert len(kept) <= 17
            assert newest_of_days(made, moment.date()) <= kept


def test_damaged_database_is_no_backup_and_has_a_name_of_its_own() -> None:
    backup = at(NOON)
    assert parse_name(backup.name + DAMAGED) is None
    assert parse_damaged_name(backup.name + DAMAGED) == backup
    assert parse_damaged_name(backup.name) is None
    assert parse_damaged_name(f"{backup.name}{DAMAGED}-wal") is None


@pytest.mark.parametrize(
    ("days", "whole", "gone"),
    [
        ([], 0, []),
        ([0] * 1 + [1, 2, 3, 4, 5, 6], 0, []),  # a bad week
        ([8, 9, 10], 0, []),  # the newest three
        ([8, 9, 10, 11, 12], 0, [11, 12]),
        ([8, 9, 29, 30, 31], 0, [30, 31]),
        ([30, 31, 300], 0, [30, 31, 300]),
        ([30, 31, 300], 31, [300]),  # nothing whole since
        ([30, 31, 300], None, []),
    ],
)
def test_which_damaged_databases_go(days: list[int], whole: int | None, gone: list[int]) -> None:
    damaged = {day: at(NOON - timedelta(days=day)) for day in days}
    copies = [] if whole is None else [at(NOON - timedelta(days=whole))]
    assert outdated_damaged(damaged.values(), copies, TODAY) == {damaged[day] for day in gone}
    others = [at(NOON, "other")]
    assert outdated_damaged(damaged.values(), others, TODAY) == set()
