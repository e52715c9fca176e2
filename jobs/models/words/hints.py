"""What SQLite's planner is led by, which does not know how much a table holds.

To PostgreSQL, which counts, they say nothing.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FullResultSet
from django.db import models
from django.db.models import Func

from jobs.models.words import texts_first


class Aside(Func):
    """A column that SQLite is led to nothing by.

    It takes whose a job is for a shorter way to the few that were found than their ids: so it would
    read all that somebody ever made.
    """

    template, arity = "%(expressions)s", 1

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **more)


class Common(Func):
    """What very many are. SQLite takes every condition for one that few meet, and after some of
    them would rather read all rows and sort what is left than begin with the newest.
    """

    template, arity = "%(expressions)s", 1
    output_field = models.BooleanField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="likelihood(%(expressions)s, 1.0)", **more
        )


class Opaque(Common):
    """What very many are, and SQLite is led to nothing by, whatever it is made of."""

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="+(%(expressions)s)", **more)


class OwnWord(Common):
    """A word that very many have in their own text. Who comes from the texts knows that."""

    def as_sql(self, compiler: Any, connection: Any, *given: Any, **more: Any) -> Any:
        if getattr(compiler.query, texts_first.WORDS_ARE_MET, False):
            raise FullResultSet
        return super().as_sql(compiler, connection, *given, **more)
