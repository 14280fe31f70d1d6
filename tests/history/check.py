"""Judges a history by all rules."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from tests.history.case import Acknowledged, Case, Rule
from tests.history.faults import Fault
from tests.history.history import History
from tests.history.ledger import Effect
from tests.history.records import At
from tests.history.rules import attempts, determinism, handlers, order, outcomes, readable, refusals

RULES: Final[tuple[Rule, ...]] = (
    readable.jobs_were_read,
    readable.topics_are_whole,
    readable.records_have_log_time,
    readable.partitions_begin_with_log_opened,
    readable.passing_records_are_decodable,
    readable.topics_hold_what_they_are_for,
    readable.topics_are_lost_only_by_faults,
    refusals.bad_records_have_one_dead_letter,
    refusals.misplaced_records_are_forwarded,
    refusals.dead_letters_hold_the_original,
    outcomes.submissions_have_one_outcome,
    outcomes.generations_end_once,
    outcomes.endings_have_a_reason,
    attempts.attempts_follow_one_another,
    attempts.attempts_run_on_the_lane_of_their_type,
    attempts.failures_stay_within_the_policy,
    attempts.nothing_is_dispatched_before_it_is_due,
    attempts.nothing_is_put_out_after_the_end,
    order.ordered_jobs_take_turns,
    order.rows_say_who_waits_for_its_turn,
    handlers.handlers_run_what_was_dispatched,
    handlers.no_handler_starts_before_it_is_due,
    handlers.no_handler_starts_after_the_end,
    handlers.attempts_run_once,
    handlers.successes_have_an_effect,
    handlers.attempts_are_lost_only_by_faults,
    determinism.repeats_are_byte_equal,
    determinism.outputs_name_their_cause,
    determinism.tables_agree_with_the_log,
)


class Violation(NamedTuple):
    """A rule that a history breaks.

    Attributes:
        rule: its name.
        job: the job's id, empty where it concerns none.
        detail: what was found, and what was to be expected.
        at: the records that show it.
    """

    rule: str
    job: str
    detail: str
    at: tuple[At, ...]


def check(
    history: History,
    acknowledged: Iterable[Acknowledged] | None,
    effects: Iterable[Effect] | None,
    faults: Iterable[Fault] = (),
) -> list[Violation]:
    """Return everything in a history that breaks a rule.

    Args:
        history: what the topics held, read when everything had come to rest.
        acknowledged: the submissions that the broker acknowledged; None for all that are in the log.
        effects: the handlers' ledger; None where handlers keep none: then their rules find nothing.
        faults: what was done to the processes meanwhile.
    """
    case = Case.of(history, acknowledged, effects, faults)
    return [
        Violation(rule.__name__, problem.job, problem.detail, problem.at)
        for rule in RULES
        for problem in rule(case)
    ]
