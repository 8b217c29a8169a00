import logging.config
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.reports.logs import (
    FILE_HANDLER,
    SECRETS_FILTER,
    STDERR_HANDLER,
    desktop_logging,
    early_handler,
)

DATA = DataFolder(Path("data"))
THEIRS: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": True,
    "formatters": {"short": {"format": "%(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler"},
        "file": {"class": "logging.FileHandler", "filename": Path("/srv/logs/site.log")},
    },
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING"}},
}


@pytest.mark.parametrize("theirs", [None, {}])
def test_project_without_logging(theirs: dict[str, Any] | None) -> None:
    ours = desktop_logging(theirs, DATA)
    assert ours["root"] == {"level": "INFO", "handlers": [FILE_HANDLER, STDERR_HANDLER]}
    assert ours["handlers"][FILE_HANDLER]["filename"] == str(DATA.log_file)
    assert ours["loggers"]["django"] == {"level": "INFO", "handlers": []}
    assert ours["disable_existing_loggers"] is False


def test_project_with_logging_keeps_it() -> None:
    ours = desktop_logging(THEIRS, DATA)
    assert ours["disable_existing_loggers"] is True
    assert ours["formatters"]["short"] == {"format": "%(message)s"}
    assert ours["handlers"]["console"]["class"] == "logging.StreamHandler"
    assert ours["loggers"]["django"] == {"handlers": ["console"], "level": "WARNING"}
    assert ours["root"]["handlers"] == [FILE_HANDLER]
    assert STDERR_HANDLER not in ours["handlers"]


def test_their_files_go_to_the_data_folder() -> None:
    ours = desktop_logging(THEIRS, DATA)
    assert ours["handlers"]["file"]["filename"] == str(Path("data/logs/site.log"))
    assert THEIRS["handlers"]["file"]["filename"] == Path("/srv/logs/site.log")


@pytest.mark.parametrize(
    "root",
    [
        {"root": {"handlers": ["console"], "level": "ERROR"}},
        {"loggers": {"": {"handlers": ["console"], "level": "ERROR"}}},
    ],
)
def test_their_root_gets_our_file_as_well(root: dict[str, Any]) -> None:
    ours = desktop_logging(THEIRS | root, DATA)
    assert ours["root"] == {"handlers": ["console", FILE_HANDLER], "level": "ERROR"}
    assert "" not in ours["loggers"]


def test_incremental_logging_is_left_alone() -> None:
    theirs = {"version": 1, "incremental": True}
    assert desktop_logging(theirs, DATA) == theirs


@pytest.mark.parametrize("theirs", [None, THEIRS])
def test_result_is_valid(theirs: dict[str, Any] | None, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    configuration = desktop_logging(theirs, DataFolder(tmp_path))
    # Checks every entry and opens every file without becoming the logging of the test run.
    configurator = logging.config.DictConfigurator(configuration)
    for name, formatter in configurator.config["formatters"].items():
        configurator.config["formatters"][name] = configurator.configure_formatter(formatter)
    for name, settings in configurator.config["filters"].items():
        configurator.config["filters"][name] = configurator.configure_filter(settings)
    for handler in configurator.config["handlers"].values():
        configurator.configure_handler(handler).close()


@pytest.mark.parametrize("theirs", [None, THEIRS])
def test_every_handler_has_our_filter_after_its_own(theirs: dict[str, Any] | None) -> None:
    ours = desktop_logging(theirs, DATA)
    assert {name: handler["filters"] for name, handler in ours["handlers"].items()} == {
        name: [SECRETS_FILTER] for name in ours["handlers"]
    }
    assert ours["filters"][SECRETS_FILTER]["key_file"] == str(DATA.secret_key)


def test_their_filters_stay() -> None:
    filtered: dict[str, Any] = {
        "filters": {"quiet": {"()": "django.utils.log.RequireDebugFalse"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["quiet"]}},
    }
    ours = desktop_logging(THEIRS | filtered, DATA)
    assert set(ours["filters"]) == {"quiet", SECRETS_FILTER}
    assert ours["handlers"]["console"]["filters"] == ["quiet", SECRETS_FILTER]
    assert filtered["handlers"]["console"]["filters"] == ["quiet"]


def test_early_records_go_to_the_same_file_without_secrets(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    data = DataFolder(tmp_path)
    handler = early_handler(data)
    record = logging.LogRecord("x", logging.INFO, "", 1, "X-DJDesk-Token: abc", (), None)
    handler.handle(record)
    handler.close()
    line = data.log_file.read_text(encoding="utf-8")
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO x \d+ ", line)
    moment = datetime.fromisoformat(line.split()[0])
    assert moment.timestamp() == pytest.approx(record.created, abs=0.002)
    assert line.endswith(" X-DJDesk-Token: ********\n")
