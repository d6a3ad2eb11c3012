import ast

import pytest

from soak.mutating import mutants_of

SOURCE = '''
"""Says what it is."""
import logging

log = logging.getLogger("name")

def takes(count: int, most: int = 3) -> bool:
    """Tell."""
    if count > most and not count == 0:
        log.info("too many: %s", count)
        note(count)
        return False
    return count + 1 <= most
'''


def test_one_thing_is_changed_at_a_time() -> None:
    whats = [mutant.what for mutant in mutants_of(SOURCE)]
    assert sorted(whats) == sorted(
        [
            "3 + 1", "condition turned", "And swapped", "Gt swapped", "not dropped", "Eq swapped",
            "0 + 1", "Expr dropped", "returns None", "False swapped", "returns None",
            "LtE swapped", "Add swapped", "1 + 1",
        ]
    )  # fmt: skip


@pytest.mark.parametrize("word", ["Says what it is", "Tell.", "too many: %s", "import logging"])
def test_words_and_imports_stay_as_they_are(word: str) -> None:
    assert all(word in mutant.source for mutant in mutants_of(SOURCE))


def test_all_are_different_and_none_is_the_same_as_before() -> None:
    sources = {mutant.source for mutant in mutants_of(SOURCE)}
    assert len(sources) == len(mutants_of(SOURCE))
    assert ast.unparse(ast.parse(SOURCE)) not in sources
