"""Decisions about channels: what holds for every input there is, and for any preferences."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from backend.kit.documents import Stored
from backend.notifications.addressees import Addressee
from backend.notifications.deciding import Inputs, Ruling, decide, decisions, inputs_of
from backend.notifications.documents import decision_fields, decision_of
from backend.notifications.model import Category, Channel, Verdict
from backend.notifications.preferences import WEEKDAYS, Level, Preferences
from backend.notifications.quiet import QuietSpan
from backend.notifications.settings_changes import changed

NOW = datetime(2026, 10, 24, 22, 10, tzinfo=UTC)  # The night in which clocks go back.
SOON, LATE = NOW + timedelta(minutes=1), NOW + timedelta(days=7)
HERE = "w1"
# How far a notification gets: not at all, later, now.
REACH = {
    Verdict.SUPPRESSED: 0,
    Verdict.MUTED: 0,
    Verdict.HELD: 1,
    Verdict.PENDING: 2,
    Verdict.SENT: 2,
    Verdict.MERGED: 2,
}
POSSIBLE = {
    Channel.INBOX: {Verdict.SENT, Verdict.MUTED, Verdict.SUPPRESSED},
    Channel.PUSH: {Verdict.PENDING, Verdict.HELD, Verdict.MUTED, Verdict.SUPPRESSED},
    Channel.EMAIL: {Verdict.PENDING, Verdict.MUTED, Verdict.MERGED, Verdict.SUPPRESSED},
}
LEVELS = [Level.NONE, Level.MENTIONS, Level.ALL]


def every_input() -> Iterator[Inputs]:
    """Everything that can be decided about; of instants, one of each kind."""
    yes_or_no = (False, True)
    for category, channel, is_on, place, level, quiet, passes, mail, offered in product(
        Category,
        Channel,
        yes_or_no,
        (None, HERE),
        Level,
        (None, SOON, LATE),
        yes_or_no,
        yes_or_no,
        yes_or_no,
    ):
        yield Inputs(category, channel, NOW, is_on, place, level, quiet, passes, mail, offered)


EVERY_INPUT = list(every_input())

spans = some.builds(QuietSpan, some.times(), some.times())
rows = some.dictionaries(some.sampled_from(Channel), some.booleans())
preferences = some.builds(
    Preferences,
    matrix=some.dictionaries(some.sampled_from(Category), rows),
    quiet_hours=some.dictionaries(some.sampled_from(WEEKDAYS), spans),
    urgent_passes=some.booleans(),
    workspaces=some.dictionaries(some.sampled_from([HERE, "w2"]), some.sampled_from(Level)),
)
zones = some.sampled_from(["Europe/Berlin", "Africa/Casablanca", "America/Nuuk", "", "Mars"])
people = some.builds(
    Addressee,
    uid=some.just("ann"),
    locale=some.just("en"),
    zone=zones,
    preferences=preferences,
    gets_mail=some.booleans(),
)
instants = some.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone.
    datetime(2028, 1, 1),  # noqa: DTZ001
    timezones=some.just(UTC),
)


@dataclass(frozen=True)
class Case:
    """Something to be told to somebody."""

    category: Category
    place: str | None
    to: Addressee
    at: datetime
    is_urgent: bool

    def decided(self, wished: Preferences | None = None) -> dict[Channel, Any]:
        """What is decided about it, perhaps for somebody who wishes something else."""
        to = self.to if wished is None else replace(self.to, preferences=wished)
        return decisions(self.category, self.place, to, self.at, is_urgent=self.is_urgent)


cases = some.builds(
    Case,
    some.sampled_from(Category),
    some.sampled_from([None, HERE, "w2", "w3"]),
    people,
    instants,
    some.booleans(),
)


class TestEveryInput:
    """decide(inputs), of all the inputs there are"""

    def test_there_are_more_than_ten_thousand(self):
        """Else what follows would say less than it seems to."""
        assert len(EVERY_INPUT) > 10_000

    def test_each_has_one_ruling_that_its_channel_knows(self):
        """Total: nothing raises, and nothing is left undecided."""
        odd = [each for each in EVERY_INPUT if decide(each).verdict not in POSSIBLE[each.channel]]

        assert [] == odd

    def test_decided_again_from_what_was_stored_it_is_the_same(self):
        """So that whoever asks why gets the true reason."""
        odd = [each for each in EVERY_INPUT if decide(inputs_of(each.fields())) != decide(each)]

        assert [] == odd

    def test_who_is_locked_out_hears_of_it_by_nothing_but_the_inbox(self):
        """Which they cannot open; whatever it is about, and whatever they had wished."""
        out = [replace(each, is_disabled=True) for each in EVERY_INPUT]
        away = [each for each in out if each.channel is not Channel.INBOX]
        at_home = [each for each in out if each.channel is Channel.INBOX]

        assert {Ruling(Verdict.SUPPRESSED, "accountDisabled")} == {*map(decide, away)}
        assert [] == [each for each in out if inputs_of(each.fields()) != each]
        assert [] == [x for x in at_home if decide(x) != decide(replace(x, is_disabled=False))]

    def test_security_is_never_muted_and_never_waits(self):
        """Whatever is set, offered, or on: it may not have been the person who set it."""
        about = [each for each in EVERY_INPUT if each.category is Category.SECURITY]

        assert {Channel.INBOX: 1, Channel.PUSH: 1, Channel.EMAIL: 1} == {
            channel: len({decide(each) for each in about if each.channel is channel})
            for channel in Channel
        }
        assert {2} == {REACH[decide(each).verdict] for each in about}
        assert {(None, None)} == {(decide(each).setting, decide(each).until) for each in about}

    def test_more_wished_for_is_never_less(self):
        """A switch turned on, a level up, no quiet, urgent ones let through: none takes away."""
        odd = [
            (each, wider)
            for each in EVERY_INPUT
            for wider in _wider(each)
            if _reach(decide(wider)) < _reach(decide(each))
        ]

        assert [] == odd

    def test_only_what_is_muted_or_held_names_a_setting(self):
        """And all that a setting of theirs does names it."""
        odd = [
            each
            for each in EVERY_INPUT
            for ruling in [decide(each)]
            if (ruling.setting is not None)
            != (ruling.verdict is Verdict.HELD or ruling.reason in ("category", "workspace"))
        ]

        assert [] == odd

    def test_what_is_held_waits_for_the_end_of_the_quiet(self):
        """Only pushes are held, only while it is quiet, and no longer."""
        held = [each for each in EVERY_INPUT if decide(each).verdict is Verdict.HELD]

        assert {(Channel.PUSH, False)} == {(each.channel, each.passes) for each in held}
        assert [] == [each for each in held if decide(each).until != each.quiet_until]

    def test_a_mail_never_comes_before_the_push_that_may_spare_it(self):
        """But for what is a mail in the first place."""
        mailed = [
            each
            for each in EVERY_INPUT
            if each.channel is Channel.EMAIL and decide(each).verdict is Verdict.PENDING
        ]
        pushes = {each: decide(replace(each, channel=Channel.PUSH)) for each in mailed}

        odd = [
            each
            for each, push in pushes.items()
            if each.category not in (Category.DIGEST, Category.INVITATION)
            if (decide(each).until or NOW) <= (push.until or NOW)
        ]

        assert [] == odd


class TestAnyPreferences:
    """decisions(category, workspace, person, now), of whoever and whatever"""

    @settings(max_examples=300, deadline=None)
    @given(cases)
    def test_there_is_one_for_each_channel(self, case: Case):
        """Exactly one, and stored and read again it says the same."""
        found = case.decided()

        read = {
            channel: decision_of(
                Stored(f"users/ann/notifications/n/decisions/{channel}", fields, NOW)
            )
            for channel, decision in found.items()
            for fields in [decision_fields(decision)]
        }
        assert list(Channel) == list(found)
        assert found == read
        for decision in read.values():
            again = decide(inputs_of(decision.inputs))
            assert (again.verdict, again.reason, again.setting, again.until) == (
                decision.verdict,
                decision.reason,
                decision.setting,
                decision.until,
            )

    @settings(max_examples=300, deadline=None)
    @given(cases)
    def test_the_setting_it_names_is_the_one_that_does_it(self, case: Case):
        """Changed as the person would change it from there, the decision is another."""
        for channel, decision in case.decided().items():
            if decision.setting is None:
                continue

            wished = changed(case.to.preferences, _put_right(decision.setting))

            after = case.decided(wished)[channel]
            assert after.reason != decision.reason
            assert REACH[after.verdict] >= REACH[decision.verdict]

    @settings(max_examples=300, deadline=None)
    @given(cases, some.sampled_from(Channel), some.booleans())
    def test_channels_are_independent(self, case: Case, channel: Channel, is_on: bool):
        """A switch of one channel changes nothing about the others."""
        if case.category is Category.SECURITY:
            return
        switch = {"matrix": {case.category.value: {channel.value: is_on}}}

        before, after = case.decided(), case.decided(changed(case.to.preferences, switch))

        others = [each for each in Channel if each is not channel]
        assert [before[each] for each in others] == [after[each] for each in others]

    @settings(max_examples=300, deadline=None)
    @given(cases)
    def test_what_others_wish_elsewhere_does_not_matter(self, case: Case):
        """Only the category and the workspace at hand are looked at."""
        category, place = case.category, case.place
        wished = case.to.preferences
        only = replace(
            wished,
            matrix={each: row for each, row in wished.matrix.items() if each is category},
            workspaces={each: level for each, level in wished.workspaces.items() if each == place},
        )

        assert case.decided() == case.decided(only)

    @pytest.mark.parametrize("category", Category)
    def test_a_workspace_is_heard_of_as_much_as_they_wish(self, category: Category):
        """What is said to them, or what they asked for, tells the levels apart."""
        found = {
            level: decisions(category, HERE, _who_wishes(level), NOW, is_urgent=True)
            for level in LEVELS
        }
        told = {level: found[level][Channel.PUSH].reason != "workspace" for level in LEVELS}

        asked_for = category in ("reminder", "digest", "focusFinished", "security")
        assert {
            Level.NONE: asked_for,
            Level.MENTIONS: asked_for or category == "mention",
            Level.ALL: True,
        } == told

    @pytest.mark.parametrize("category", Category)
    def test_who_has_chosen_nothing_hears_at_once(self, category: Category):
        """In the inbox and by push; digests alone come by mail alone."""
        ann = Addressee("ann", "en", "Europe/Berlin", Preferences(), gets_mail=True)

        found = decisions(category, HERE, ann, NOW, is_urgent=False)

        silent = {Category.DIGEST}
        expected = Verdict.MUTED if category in silent else Verdict.SENT
        assert expected is found[Channel.INBOX].verdict
        expected = Verdict.MUTED if category in silent else Verdict.PENDING
        assert expected is found[Channel.PUSH].verdict

    @settings(max_examples=300, deadline=None)
    @given(cases)
    def test_urgent_ones_pass_only_where_they_may(self, case: Case):
        """Nothing is held of what is urgent, but where the person wants all of it held."""
        quiet = dict.fromkeys(WEEKDAYS, QuietSpan(time(0), time(0)))
        wished = replace(case.to.preferences, quiet_hours=quiet, matrix={}, workspaces={})
        found = case.decided(wished)[Channel.PUSH]

        is_let_through = case.is_urgent and wished.urgent_passes
        is_told = case.category not in (Category.SECURITY, Category.DIGEST)
        assert (is_told and not is_let_through) == (found.verdict is Verdict.HELD)


def _who_wishes(level: Level) -> Addressee:
    wished = Preferences(workspaces={HERE: level, "w2": Level.MENTIONS})
    return Addressee("ann", "en", "UTC", wished, gets_mail=True)


def _wider(inputs: Inputs) -> Iterator[Inputs]:
    """What the same would be for somebody who wants more of it."""
    yield replace(inputs, is_on=True)
    yield replace(inputs, passes=True)
    yield replace(inputs, gets_mail=True)
    yield replace(inputs, is_offered=True)
    yield replace(inputs, quiet_until=None)
    if inputs.quiet_until == LATE:
        yield replace(inputs, quiet_until=SOON)
    for level in LEVELS[LEVELS.index(inputs.level) :]:
        yield replace(inputs, level=level)


def _reach(ruling: Ruling) -> tuple[int, float]:
    """How far, and how soon: what waits less reaches further."""
    waits_s = (ruling.until - NOW).total_seconds() if ruling.until else 0.0
    return REACH[ruling.verdict], -waits_s


def _put_right(setting: str) -> dict[str, Any]:
    """The merge patch by which a person changes what a decision names."""
    match setting.strip("/").split("/"):
        case ["matrix", category, channel]:
            return {"matrix": {category: {channel: True}}}
        case ["workspaces", workspace_id]:
            return {"workspaces": {workspace_id: Level.ALL}}
        case ["quietHours"]:
            return {"quiet_hours": None}
        case other:
            raise AssertionError(other)
