"""Fields that are computed from what was typed, whenever a row is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from jobs import letters

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


if TYPE_CHECKING:
    TextField = models.TextField[str, str]
else:
    # Django's field takes no type arguments at run time.
    TextField = models.TextField


class ComputedField(TextField):
    """A normal form of other fields of its row. Ordered by code points in every database."""

    def __init__(self, *sources: str, **options: Any) -> None:
        self.sources = sources
        super().__init__(**{**options, "editable": False})

    def deconstruct(self) -> Any:
        name, path, _, options = super().deconstruct()
        del options["editable"]
        return name, path, self.sources, options

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        return self.follow(model_instance)

    def follow(self, row: models.Model) -> str:
        """Compute it anew from the row's other fields."""
        text = self.of(getattr(row, source) for source in self.sources)
        setattr(row, self.attname, text)
        return text

    def of(self, texts: Iterable[str]) -> str:
        return self.form("\n".join(texts))

    def form(self, text: str) -> str:
        raise NotImplementedError

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        # SQLite compares bytes by itself, PostgreSQL in the order of some language.
        collation = "C" if connection.vendor == "postgresql" else None
        return {**super().db_parameters(connection), "collation": collation}


class SearchField(ComputedField):
    """Texts as they are searched."""

    def form(self, text: str) -> str:
        return letters.folded(text)


class NameKeyField(ComputedField):
    """A name as it is sorted, and told apart from others."""

    def form(self, text: str) -> str:
        return letters.name_key(text)


class TitleKeyField(ComputedField):
    """By which titles are sorted: the first of its texts that says something, and no more of that
    than decides between two.
    """

    LENGTH = 80

    def of(self, texts: Iterable[str]) -> str:
        said = next(filter(letters.is_visible, texts), "")
        return letters.folded(said[: 2 * self.LENGTH])[: self.LENGTH]


class LookField(ComputedField):
    """The look of a name: the same for two that can be taken for each other."""

    def form(self, text: str) -> str:
        return letters.look(text)


class ComputingQuerySet(models.QuerySet[Row_co]):
    """Keeps what is computed in step, whichever way the rows are written."""

    def update(self, **values: Any) -> int:
        for field in _followers(self.model, values):
            given = [values.get(source) for source in field.sources]
            if field.name in values:
                continue
            if not all(isinstance(text, str) for text in given):
                raise TypeError(f"{field.name} is computed of {field.sources}: give plain texts")
            values[field.name] = field.of(map(str, given))
        return super().update(**values)

    def bulk_update(
        self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        rows, names = list(objs), list(fields)
        for field in _followers(self.model, names):
            names.append(field.name)
            for row in rows:
                field.follow(row)
        return super().bulk_update(rows, names, batch_size)


class SearchedQuerySet(ComputingQuerySet[Row_co]):
    """Rows with a SearchField of that name: `searchable`."""

    def matching(self, text: str) -> Self:
        """Those that hold all the words of a text that was searched for, wherever."""
        found = self
        for word in letters.words_of(text):
            found = found.filter(searchable__contains=word)
        return found


def _followers(model: type[models.Model], names: Iterable[str]) -> Iterator[ComputedField]:
    """The fields that change with these."""
    given = set(names)
    for field in model._meta.concrete_fields:  # noqa: SLF001 — Django names it so
        if isinstance(field, ComputedField) and given & {*field.sources}:
            yield field
