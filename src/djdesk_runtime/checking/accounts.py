"""A superuser of the throw-away data: what is behind a login is asked for too."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.db.models import Field

NAME = "djdesk-check"
EMAIL = "djdesk-check@example.org"


class NoAccountError(Exception):
    """The project has no accounts, or, with a reason, one could not be made."""


def make_superuser() -> AbstractBaseUser:
    """Return a new superuser, of whatever model the project has. Raises `NoAccountError`."""
    from django.apps import apps

    if not apps.is_installed("django.contrib.auth"):
        raise NoAccountError
    if not apps.is_installed("django.contrib.sessions"):
        raise NoAccountError("django.contrib.sessions is not installed")
    from django.contrib.auth import get_user_model

    errors = []
    for make in (by_manager, by_fields):
        try:
            return make(get_user_model())
        except Exception as error:  # noqa: BLE001 - any code of the project's
            errors.append(f"{type(error).__name__}: {error}")
    raise NoAccountError("; ".join(errors))


def by_manager(model: Any) -> AbstractBaseUser:  # noqa: ANN401 - of the project
    """Make one as ``createsuperuser`` does."""
    names = [model.USERNAME_FIELD, *model.REQUIRED_FIELDS]
    values = {name: value_of(model._meta.get_field(name)) for name in names}  # noqa: SLF001
    user: AbstractBaseUser = model._default_manager.create_superuser(  # noqa: SLF001
        **values, password=uuid.uuid4().hex
    )
    return user


def by_fields(model: Any) -> AbstractBaseUser:  # noqa: ANN401 - of the project
    """Make one without the project's manager: every field that needs a value gets one."""
    user = model()
    for field in model._meta.concrete_fields:  # noqa: SLF001
        if field.name in {"is_staff", "is_superuser", "is_active", "is_admin"}:
            setattr(user, field.attname, True)
        elif field.name == model.USERNAME_FIELD or needs_value(field):
            setattr(user, field.attname, value_of(field))
    model._default_manager.bulk_create([user])  # noqa: SLF001 - no signal, no `save`
    made: AbstractBaseUser = model._default_manager.get(  # noqa: SLF001
        **{model.USERNAME_FIELD: user.get_username()}
    )
    return made


def needs_value(field: Field[Any, Any]) -> bool:
    """Tell whether a row cannot be made without a value for *field*."""
    automatic = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    return not (field.primary_key or field.null or field.has_default() or automatic)


def value_of(field: Field[Any, Any]) -> object:
    """Return a value that *field* takes."""
    from django.db import models
    from django.utils import timezone

    choices = [value for value, _ in field.flatchoices if value not in {None, ""}]
    if choices:
        return choices[0]
    values: list[tuple[type[Any], object]] = [
        (models.EmailField, EMAIL),
        (models.URLField, "https://example.org/"),
        (models.SlugField, NAME),
        (models.UUIDField, uuid.uuid4()),
        (models.DateTimeField, timezone.now()),
        (models.DateField, dt.date(2000, 1, 1)),
        (models.TimeField, dt.time(12)),
        (models.DurationField, dt.timedelta(days=1)),
        (models.BooleanField, True),
        (models.DecimalField, decimal.Decimal(1)),
        (models.FloatField, 1.0),
        (models.IntegerField, 1),
        (models.GenericIPAddressField, "127.0.0.1"),
        (models.JSONField, {}),
        (models.BinaryField, b""),
        (models.ForeignKey, None),
    ]
    for kind, value in values:
        if isinstance(field, kind):
            return value
    name = EMAIL if "mail" in field.name else NAME
    return name[: field.max_length] if field.max_length else name
