"""`/users/me/settings/notifications`: what somebody wants to be told of."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from backend.notifications.model import Category, Channel
from backend.notifications.preferences import is_on_by_default
from backend.notifications.settings_changes import MOST_WORKSPACES
from backend.notifications.settings_examples import SETTINGS as DEFAULTS
from tests.api.world import Caller, World, cost_of

PATH = "/users/me/settings/notifications"
NIGHT = {"start": "22:00", "end": "07:00"}
WEEKLY = {"day": 7, "time": "18:30"}


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def stored(world: World, person: Caller) -> dict[str, Any] | None:
    """The document, as the person's apps see it."""
    return world.document(f"users/{person.uid}/settings/notifications")


def shown(person: Caller) -> dict[str, Any]:
    """What the API says of it."""
    return person.get(PATH).json()


class TestGet:
    """GET /users/me/settings/notifications"""

    def test_who_has_chosen_nothing_sees_what_holds(self, ann: Caller):
        """Everything with its default, and revision 0."""
        answer = ann.get(PATH)

        assert (200, '"0"') == (answer.status_code, answer.headers["ETag"])
        assert DEFAULTS == answer.json()

    def test_the_matrix_has_every_category_but_security(self, ann: Caller):
        """Nobody can silence what would tell of somebody else in their account."""
        matrix = shown(ann)["matrix"]

        assert {each.value for each in Category} - {"security"} == set(matrix)
        assert {
            category: {
                channel.value: is_on_by_default(Category(category), channel) for channel in Channel
            }
            for category in matrix
        } == matrix

    def test_what_an_app_wrote_is_shown(self, world: World, ann: Caller):
        """Both ways lead to one document."""
        written = {
            "matrix": {"comment": {"push": False}},
            "quietHours": {"5": NIGHT},
            "urgentPasses": False,
            "bundleMinutes": 0,
            "digests": {"daily": "07:30", "weekly": WEEKLY},
            "workspaces": {"w1": "none"},
            "rev": 3,
        }
        world.write(f"users/{ann.uid}/settings/notifications", written | _stamp(world))

        found = shown(ann)

        assert {**found, **written, "matrix": found["matrix"]} == found
        assert {"inbox": True, "push": False, "email": True} == found["matrix"]["comment"]

    def test_a_document_of_before_is_read(self, world: World, ann: Caller):
        """When every night was alike, and workspaces had no level."""
        former = {
            "matrix": {},
            "quietHours": NIGHT,
            "bundleMinutes": 5,
            "digests": {"daily": None, "weekly": None},
            "rev": 4,
        }
        world.write(f"users/{ann.uid}/settings/notifications", former | _stamp(world))

        found = shown(ann)

        assert {str(day): NIGHT for day in range(1, 8)} == found["quietHours"]
        assert (True, {}, 4) == (found["urgentPasses"], found["workspaces"], found["rev"])

    def test_what_makes_no_sense_shows_the_defaults_at_its_revision(
        self, world: World, ann: Caller
    ):
        """No app could follow a revision that begins anew."""
        odd = {"matrix": "none", "rev": 9}
        world.write(f"users/{ann.uid}/settings/notifications", odd | _stamp(world))

        found = shown(ann)

        assert {**DEFAULTS, "rev": 9, "updatedAt": found["updatedAt"]} == found

    def test_it_costs_one_document(self, ann: Caller):
        """Read, and nothing else."""
        assert (1, 1, 0) == cost_of(ann.get(PATH))


class TestPatch:
    """PATCH /users/me/settings/notifications: a merge patch, at each level."""

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"matrix": {"comment": {"push": False}}}, {"matrix": {"comment": {"push": False}}}),
            ({"quietHours": {"5": NIGHT}}, {"quietHours": {"5": NIGHT}}),
            ({"urgentPasses": False}, {"urgentPasses": False}),
            ({"bundleMinutes": 0}, {"bundleMinutes": 0}),
            ({"digests": {"daily": "07:30"}}, {"digests": {"daily": "07:30", "weekly": None}}),
            ({"digests": {"weekly": WEEKLY}}, {"digests": {"daily": None, "weekly": WEEKLY}}),
            ({"workspaces": {"w1": "mentions"}}, {"workspaces": {"w1": "mentions"}}),
        ],
        ids=lambda each: next(iter(each)),
    )
    def test_what_is_given_changes_and_the_rest_holds(
        self, world: World, ann: Caller, changes: dict[str, Any], fields: dict[str, Any]
    ):
        """Only what was chosen is stored, so that a better default reaches everybody else."""
        answer = ann.patch(PATH, changes)

        nothing = {key: DEFAULTS[key] for key in DEFAULTS if key not in ("rev", "updatedAt")}
        now = world.clock.now()
        expected = {**nothing, "matrix": {}, **fields, "rev": 1, "updatedAt": now}
        assert (200, '"1"') == (answer.status_code, answer.headers["ETag"])
        assert expected == stored(world, ann)
        assert answer.json() == shown(ann)

    def test_each_level_merges(self, ann: Caller):
        """A category keeps its other channels, a weekday its other time."""
        ann.patch(PATH, {"matrix": {"comment": {"push": False}}, "quietHours": {"5": NIGHT}})

        ann.patch(
            PATH,
            {
                "matrix": {"comment": {"email": False}, "mention": {"push": False}},
                "quietHours": {"5": {"end": "09:00"}, "6": NIGHT},
            },
        )

        found = shown(ann)
        assert {"inbox": True, "push": False, "email": False} == found["matrix"]["comment"]
        assert {"inbox": True, "push": False, "email": True} == found["matrix"]["mention"]
        assert {"5": {"start": "22:00", "end": "09:00"}, "6": NIGHT} == found["quietHours"]

    @pytest.mark.parametrize(
        "cleared",
        [
            {"matrix": {"comment": {"push": None}}},
            {"matrix": {"comment": None}},
            {"matrix": None},
            {"quietHours": {"5": None}},
            {"quietHours": None},
            {"urgentPasses": None},
            {"bundleMinutes": None},
            {"digests": {"daily": None, "weekly": None}},
            {"digests": None},
            {"workspaces": {"w1": None}},
            {"workspaces": None},
        ],
        ids=str,
    )
    def test_null_is_the_default_again(self, ann: Caller, cleared: dict[str, Any]):
        """At each level, and of what is meant alone."""
        everything = {
            "matrix": {"comment": {"push": False}},
            "quietHours": {"5": NIGHT},
            "urgentPasses": False,
            "bundleMinutes": 0,
            "digests": {"daily": "07:30", "weekly": WEEKLY},
            "workspaces": {"w1": "none"},
        }
        before = ann.patch(PATH, everything).json()

        found = ann.patch(PATH, cleared).json()

        name = next(iter(cleared))
        expected = {**before, name: DEFAULTS[name], "rev": 2, "updatedAt": found["updatedAt"]}
        assert expected == found

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"matrix": {}},
            {"matrix": {"comment": {}}},
            {"quietHours": None},
            {"bundleMinutes": 5},
            {"workspaces": {"w1": None}},
        ],
        ids=str,
    )
    def test_what_changes_nothing_counts_nothing(
        self, world: World, ann: Caller, changes: dict[str, Any]
    ):
        """No revision, no write, nothing to take back."""
        answer = ann.patch(PATH, changes)

        assert (200, 0) == (answer.status_code, answer.json()["rev"])
        assert "Undo-Token" not in answer.headers
        assert stored(world, ann) is None

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"matrix": {"security": {"push": False}}}, "/matrix/security"),
            ({"matrix": {"gossip": {"push": False}}}, "/matrix/gossip"),
            ({"matrix": {"comment": {"fax": False}}}, "/matrix/comment/fax"),
            ({"matrix": {"comment": {"push": "no"}}}, "/matrix/comment/push"),
            ({"matrix": {"comment": False}}, "/matrix/comment"),
            ({"matrix": []}, "/matrix"),
            ({"quietHours": {"0": NIGHT}}, "/quietHours/0"),
            ({"quietHours": NIGHT}, "/quietHours/start"),
            ({"quietHours": {"1": {"start": "22:00"}}}, "/quietHours/1/end"),
            ({"quietHours": {"1": {"start": "24:00", "end": "07:00"}}}, "/quietHours/1/start"),
            ({"quietHours": {"1": {"start": "22:00", "end": 7}}}, "/quietHours/1/end"),
            ({"quietHours": {"1": {"start": "22:00", "end": None}}}, "/quietHours/1/end"),
            ({"urgentPasses": "yes"}, "/urgentPasses"),
            ({"bundleMinutes": -1}, "/bundleMinutes"),
            ({"bundleMinutes": 61}, "/bundleMinutes"),
            ({"bundleMinutes": 5.0}, "/bundleMinutes"),
            ({"digests": {"daily": "7:30"}}, "/digests/daily"),
            ({"digests": {"hourly": "07:30"}}, "/digests/hourly"),
            ({"digests": {"weekly": {"day": 1}}}, "/digests/weekly/time"),
            ({"digests": {"weekly": {"day": 8, "time": "07:30"}}}, "/digests/weekly/day"),
            ({"workspaces": {"w1": "some"}}, "/workspaces/w1"),
            ({"workspaces": {"w 1": "all"}}, "/workspaces/w 1"),
            ({"workspaces": ["w1"]}, "/workspaces"),
            ({"rev": 7}, "/rev"),
        ],
        ids=lambda each: each if isinstance(each, str) else "",
    )
    def test_what_makes_no_sense_is_refused_where_it_stands(
        self, ann: Caller, changes: dict[str, Any], pointer: str
    ):
        """422, with a pointer to the value."""
        answer = ann.patch(PATH, changes)

        assert 422 == answer.status_code
        assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
        assert 0 == shown(ann)["rev"]

    def test_only_so_many_workspaces_have_a_level(self, ann: Caller):
        """As many as the rules let an app write; one goes, another comes."""
        most = {f"w{number}": "none" for number in range(MOST_WORKSPACES)}
        assert 200 == ann.patch(PATH, {"workspaces": most}).status_code

        one_more = ann.patch(PATH, {"workspaces": {"another": "all"}})
        in_exchange = ann.patch(PATH, {"workspaces": {"w0": None, "another": "all"}})

        assert (422, 200) == (one_more.status_code, in_exchange.status_code)
        assert ["/workspaces"] == [fault["pointer"] for fault in one_more.json()["errors"]]
        assert MOST_WORKSPACES == len(shown(ann)["workspaces"])

    def test_a_stale_revision_is_refused_with_the_present(self, ann: Caller):
        """Also the first time: revision 0 is that of nothing chosen."""
        first = ann.patch(PATH, {"bundleMinutes": 1}, headers={"If-Match": '"0"'})

        stale = ann.patch(PATH, {"bundleMinutes": 2}, headers={"If-Match": '"0"'})

        assert (200, 412, '"1"') == (first.status_code, stale.status_code, stale.headers["ETag"])
        assert first.json() == stale.json()["current"]

    def test_a_repeated_call_takes_effect_once(self, ann: Caller):
        """One revision, one answer."""
        headers = {"Idempotency-Key": "one"}
        answers = [ann.patch(PATH, {"bundleMinutes": 9}, headers=headers) for _ in range(2)]

        assert answers[0].json() == answers[1].json()
        assert 1 == shown(ann)["rev"]

    def test_changes_at_the_same_time_all_take_effect(self, ann: Caller, crowd: ThreadPoolExecutor):
        """Each toggles a switch of its own, also the one that makes the document."""
        names = {"assigned", "comment", "mention", "dueSoon", "overdue", "reminder"}

        answers = list(
            crowd.map(lambda name: ann.patch(PATH, {"matrix": {name: {"push": False}}}), names)
        )

        found = shown(ann)
        assert {200} == {answer.status_code for answer in answers}
        assert names == {
            name for name, row in found["matrix"].items() if row != DEFAULTS["matrix"][name]
        }
        assert len(names) == found["rev"]

    def test_it_stays_within_its_budget(self, ann: Caller):
        """Read, decide, write; the first time, afterwards, and in vain."""
        costs = [
            cost_of(ann.patch(PATH, {"bundleMinutes": minutes}, headers=headers))
            for minutes, headers in ((9, {}), (8, {}), (8, {}), (7, {"If-Match": '"1"'}))
        ]

        assert [(2, 1, 1), (2, 1, 1), (1, 1, 0), (1, 1, 0)] == costs


def _stamp(world: World) -> dict[str, Any]:
    return {"updatedAt": world.clock.now()}
