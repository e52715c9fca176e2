"""The mutants are still mutants of the code as it is. `make mutants` is what runs them."""

from __future__ import annotations

import ast

from tests import ROOT
from tests.support.named_tests import missing, names_in
from tests.tools.mutants.catalogue import MUTANTS


def test_each_mutant_still_fits_the_code() -> None:
    for mutant in MUTANTS:
        for edit in mutant.edits:
            source = (ROOT / edit.path).read_text()
            found = source.count(edit.before)
            assert found == 1, f"{mutant.name}: {edit.path} has {found} times: {edit.before}"
            ast.parse(source.replace(edit.before, edit.after), f"{mutant.name}: {edit.path}")


def test_the_tests_that_kill_a_mutant_exist() -> None:
    tests = {test for mutant in MUTANTS for test in mutant.tests}
    named = [test.split("::") for test in sorted(tests) if "::" in test]
    assert missing(named) == []
    whole = [test for test in sorted(tests) if "::" not in test]
    empty = [path for path in whole if not any(n.startswith("test_") for n in names_in(path))]
    assert empty == []


def test_every_mutant_has_a_name_of_its_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
