"""`docs/clock-changes.md` says what happens."""

import pytest

from backend.kit.wallclock import zone
from backend.recurrence.preview import Note, preview
from tests.unit.clock_changes import CASES, PAGE, page
from tests.unit.recurrences import recurrence, walk


def test_the_page_says_what_happens():
    """If this fails and is meant to: `python -m tests.unit.clock_changes`."""
    assert page() == PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_each_case_shows_a_change_of_clocks(case):
    """Else its heading would say what its table does not."""
    subject = recurrence(case.rule, case.start, case.tz)
    found = walk(subject, case.count)
    notes = {each.note for each in preview(subject, found[0].at, case.count)}
    offsets = {each.at.astimezone(zone(case.tz)).utcoffset() for each in found}

    assert len(offsets) > 1 or notes & {Note.GAP, Note.FOLD}
