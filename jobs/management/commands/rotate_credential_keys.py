from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs import shares
from jobs.credentials import specimen
from jobs.models import Credential
from jobs.people.signing_in import second_factor
from jobs.secrets import vault


class Command(BaseCommand):
    help = (
        "Seals every stored secret anew with the first of CREDENTIAL_KEYS. Safe to stop and run "
        "again; once it ends without an error, the older keys may be dropped."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable: list[Credential] = []
        count = 0
        for credential in Credential.objects.iterator():
            for name in ("sealed_key", "sealed_signing_key"):
                sealed = getattr(credential, name)
                if not sealed:
                    continue
                try:
                    fresh = vault.reseal(sealed)
                except vault.Unreadable:
                    unreadable.append(credential)
                    break
                # Only where nobody saved another key in the meantime.
                rows = Credential.objects.filter(pk=credential.pk, **{name: sealed})
                rows.update(**{name: fresh})
            else:
                count += 1
        try:
            factors = second_factor.reseal()
        except vault.Unreadable as error:
            raise CommandError("A second factor can’t be opened by any key.") from error
        addresses, lost = shares.reseal()
        specimen.reseal()
        for link in lost:
            self.stderr.write(f"The address of link {link.pk} can’t be opened by any key.")
        for credential in unreadable:
            self.stderr.write(f"{credential} (row {credential.pk}) can’t be opened by any key.")
        if unreadable:
            raise CommandError(f"{len(unreadable)} keys have to be entered again.")
        beside = f" and {factors} secrets of second factors" if factors else ""
        beside += f" and {addresses} addresses of links" if addresses else ""
        self.stdout.write(f"{count} keys{beside} are sealed with the newest key.")
