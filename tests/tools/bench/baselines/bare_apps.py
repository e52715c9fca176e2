"""allauth's accounts without the middleware that they insist on: the bare views know none."""

from allauth.account.apps import AccountConfig


class BareAccounts(AccountConfig):
    def ready(self) -> None:
        pass
