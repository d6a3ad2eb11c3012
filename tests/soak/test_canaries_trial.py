"""How the trial of secrets reads what the tests said."""

from soak.trials.canaries import read

ENDED_WELL, FAILED, NOTHING_RUN = 0, 1, 5


def test_a_suite_without_failures_is_counted() -> None:
    outcome = read(ENDED_WELL, "......\n5163 passed, 1 skipped in 700.12s (0:11:40)\n")
    assert outcome.passed
    assert outcome.measured == "5,163 tests passed: 0 found"


def test_what_got_out_is_told_apart_from_what_failed_otherwise() -> None:
    said = (
        "FAILED tests/a.py::test_a - AssertionError: 1 == 2\n"
        "ERROR tests/b.py::test_b - AssertionError: secrets of the bot got out: ['x holds one']\n"
        "FAILED tests/c.py::test_c - tests/c.py::test_c printed a secret of the bot\n"
        "2 failed, 9 passed, 1 error in 3.00s\n"
    )
    outcome = read(FAILED, said)
    assert outcome.measured == "9 tests passed, 1 failed over something else: 2 found"
    assert len(outcome.failures) == 3


def test_tests_that_did_not_run_are_no_proof() -> None:
    assert not read(NOTHING_RUN, "no tests ran in 0.01s\n").passed
    assert not read(-9, "").passed
    assert not read(ENDED_WELL, "").passed
