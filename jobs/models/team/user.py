from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models

from jobs import letters
from jobs.models.computed import ComputingQuerySet, LookField, NameKeyField


def check_spelling(name: str) -> None:
    """Names are of letters and marks of any script, which no word mixes. Raises ValidationError."""
    # `createsuperuser` asks before the name has its one form.
    name = letters.as_name(name)
    if not letters.is_spelled(name):
        raise ValidationError(
            "Use only letters, digits, apostrophes between letters, and @ . + - _ in a username."
        )
    if mixed := letters.mixed_scripts(name):
        raise ValidationError(
            f"This mixes {' and '.join(mixed)} letters in one word, which can pass for another "
            "name. Use the letters of one script."
        )


def check_shown_name(name: str) -> None:
    """The words of a name that people are shown by. Raises ValidationError."""
    for word in letters.as_name(name).split():
        if not letters.is_spelled(word):
            raise ValidationError(
                "Use only letters, digits, spaces, apostrophes between letters, and @ . + - _ in "
                "a name."
            )
        if mixed := letters.mixed_scripts(word):
            raise ValidationError(
                f"This mixes {' and '.join(mixed)} letters in one word, which can pass for another "
                "name. Use the letters of one script."
            )


class UserQuerySet(ComputingQuerySet["User"]):
    def named(self, name: str) -> UserQuerySet:
        """Whoever has this name, however it is written: one person at most."""
        return self.filter(name_key=letters.name_key(name))


class People(UserManager["User"]):
    """The people on the team, and the one who is made on the server."""

    use_in_migrations = False

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def named(self, name: str) -> UserQuerySet:
        return self.get_queryset().named(name)

    def get_by_natural_key(self, username: str | None) -> User:
        """Sign-in and commands find a name as people do: a phone writes it with a capital."""
        return self.named(username or "").get()

    def check_free(self, name: str) -> None:
        """Raises ValidationError where somebody has this name, or one that looks like it."""
        key = letters.name_key(name)
        # One query: who takes this very name between two would be told of as somebody alike.
        look = letters.look(name)
        alike = self.filter(
            models.Q(name_key=key) | models.Q(look=look) | models.Q(display_look=look)
        )
        taken = set(alike.values_list("name_key", flat=True))
        if key in taken:
            raise ValidationError(User.NAME_TAKEN)
        if taken:
            raise ValidationError(
                "This looks like somebody else’s username. Choose one that can’t be mistaken."
            )

    def check_shown_free(self, name: str, person: User) -> None:
        """Raises ValidationError where somebody else is called so, or could be taken for it."""
        look = letters.look(name)
        others = self.exclude(pk=person.pk)
        if others.filter(models.Q(look=look) | models.Q(display_look=look)).exists():
            raise ValidationError(
                "This looks like somebody else’s name. Choose one that can’t be mistaken."
            )

    def create_user(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        **fields: Any,
    ) -> User:
        """Raises ValidationError for a name that no form would take either."""
        name = User.normalize_username(username)
        check_spelling(name)
        self.check_free(name)
        return super().create_user(name, email, password, **fields)

    def create_superuser(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        **fields: Any,
    ) -> User:
        """`manage.py createsuperuser` makes an admin, since nobody else has more rights here.

        Django's own two flags stay off: nothing asks for them, and who becomes a member again
        must keep none.
        """
        fields |= {"role": User.Role.ADMIN, "is_staff": False, "is_superuser": False}
        return self.create_user(username, email, password, **fields)


class User(AbstractUser):
    """A person who signs in. Admins pay the bill: they grant credits and see everything."""

    class Role(models.TextChoices):
        ADMIN = "admin", "Admin"
        MEMBER = "member", "Member"

    NAME_TAKEN = "A user with that username already exists."

    username = models.CharField(
        max_length=150,
        unique=True,
        validators=[check_spelling],
        error_messages={"unique": NAME_TAKEN},
        help_text="Letters of any script, digits, apostrophes and @ . + - _",
    )
    # Django's two, of which no culture needs exactly these.
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField(max_length=60, blank=True, default="")
    """What people read instead of the username; empty for the username itself."""
    display_look = LookField("display_name")
    name_key = NameKeyField("username")
    look = LookField("username")
    role = models.CharField(max_length=8, choices=Role, default=Role.MEMBER)
    allowance = models.BigIntegerField(default=0)
    """Credits given anew in every period; what is left of them at its end expires."""
    theme = models.CharField(max_length=5, blank=True, default="")
    """light, dark, or empty for the system's choice."""
    hides_first_steps = models.BooleanField(default=False)
    """A member has waved away their own list of what comes first."""
    left_at = models.DateTimeField(null=True)
    """The moment at which they left the team for good; not of somebody who was only deactivated."""
    heir: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+"
    )
    """The heir of what a leaver's last jobs make; null again once everything has passed over."""

    objects: ClassVar[People] = People()

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(fields=["name_key"], name="user_name_unique"),
            models.UniqueConstraint(fields=["look"], name="user_look_unique"),
            models.UniqueConstraint(
                fields=["display_look"],
                condition=~models.Q(display_look=""),
                name="user_display_look_unique",
            ),
            models.CheckConstraint(
                name="user_role_known", condition=models.Q(role__in=["admin", "member"])
            ),
            models.CheckConstraint(
                name="user_allowance_not_negative", condition=models.Q(allowance__gte=0)
            ),
            # Whoever is active keeps what they make.
            models.CheckConstraint(
                name="user_leaver_is_inactive",
                condition=models.Q(left_at=None) | models.Q(is_active=False),
            ),
            models.CheckConstraint(
                name="user_heir_of_leaver",
                condition=models.Q(heir=None)
                | models.Q(left_at__isnull=False) & ~models.Q(heir=models.F("id")),
            ),
        ]

    @classmethod
    def normalize_username(cls, username: str) -> str:
        return letters.as_name(username)

    @property
    def is_admin(self) -> bool:
        return self.role == self.Role.ADMIN

    @property
    def label(self) -> str:
        """The name people read."""
        return self.display_name or self.username

    @property
    def label_key(self) -> str:
        """By which people are listed: as they are read, in normal form."""
        return letters.name_key(self.label)

    @property
    def names_to_find(self) -> str:
        """Both names, folded: somebody is found by either."""
        return letters.folded(f"{self.label}\n{self.username}")

    def get_full_name(self) -> str:
        """As Django's own parts ask for it."""
        return self.display_name

    def get_short_name(self) -> str:
        return self.label

    @property
    def initials(self) -> str:
        words = self.label.replace(".", " ").replace("_", " ").replace("-", " ").split()
        letters = words[0][:1] + words[-1][:1] if len(words) > 1 else self.label[:2]
        return letters.upper()

    @property
    def hue(self) -> int:
        """The number of the avatar colour that is theirs, of five."""
        return (self.pk or 0) % 5 + 1


def labels_of(people: models.QuerySet[User]) -> list[tuple[int, str]]:
    """The id of each, and the name people read, in the order in which people are listed."""
    names = people.order_by().values_list("pk", "display_name", "username")
    labels = ((pk, display_name or username) for pk, display_name, username in names)
    return sorted(labels, key=lambda each: letters.name_key(each[1]))
