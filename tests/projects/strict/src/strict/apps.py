from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register


class StrictConfig(AppConfig):
    """Complains, as some packages do where their options are not to their taste."""

    name = "strict"

    def ready(self) -> None:
        register(complain, deploy=True)


def complain(**_: object) -> list[CheckMessage]:
    return [Error("The sender of mails is not set.", id="strict.E001")]
