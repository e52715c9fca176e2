"""The mutants are still mutants of the code as it is. `make mutants` is what runs them."""

from __future__ import annotations

import ast

import pytest

from tests import ROOT
from tests.tools.mutants.catalogue import MUTANTS, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_still_fits_the_code(mutant: Mutant) -> None:
    for edit in mutant.edits:
        source = (ROOT / edit.path).read_text()
        assert source.count(edit.before) == 1, f"{edit.path} has not once: {edit.before}"
        ast.parse(source.replace(edit.before, edit.after))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_tests_that_kill_a_mutant_exist(mutant: Mutant) -> None:
    for test in mutant.tests:
        path, _, name = test.partition("::")
        assert f"def {name or 'test_'}" in (ROOT / path).read_text()


def test_every_mutant_has_a_name_of_its_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
