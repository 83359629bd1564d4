"""Every documented listener runs as the app sends it, and each of its twins is refused."""

from dataclasses import replace

import pytest

from tests.rules.client import Verdict
from tests.rules.documents import FUTURE, NEVER, PAST, due, member, stored_task
from tests.rules.listeners import LISTENERS, MY_MEMBERSHIPS
from tests.rules.wire import Query
from tests.rules.world import PEOPLE

ALLOWED, DENIED = Verdict.ALLOWED, Verdict.DENIED
IN_WORKSPACE = [
    (name, who) for name, row in LISTENERS.items() if row.in_workspace for who in PEOPLE
]
EVERY_LISTENER = pytest.mark.parametrize("name", LISTENERS)


@pytest.fixture(scope="module")
def listening(world):
    """Return a function that sends a listener's query as someone."""
    tasks = {
        "today": stored_task(world.uid("owner"), **due()),
        "upcoming": stored_task(world.uid("owner"), **due() | {"dueAt": FUTURE}),
        "mine": stored_task(world.uid("owner"), assigneeIds=[world.uid("member")], **due()),
        "trash": stored_task(world.uid("owner"), deletedAt=FUTURE, **NEVER),
        "label": stored_task(world.uid("owner"), labelIds=["red"], **due()),
        "project": stored_task(world.uid("owner"), projectId="p1"),
        "project-done": stored_task(world.uid("owner"), projectId="p1", status="done"),
        "board": stored_task(world.uid("owner"), boardId="b1", listId="l1", rank="V"),
        "subtasks": stored_task(
            world.uid("owner"), parentId="t1", ancestorIds=["t1"], depth=1, rank="V"
        ),
    }
    for name, task in tasks.items():
        world.store(f"{world.w1}/tasks/{name}", task)

    def listen(name, who=None, verb="list", place="path", **changes):
        row = LISTENERS[name]
        who = who or row.listener
        names = {
            "w1": world.w1,
            "w2": world.w2,
            "task": world.task,
            "me": world.me("member"),
            "other": world.me("stranger"),
        }
        where = tuple(
            (field, operator, world.uid("member") if value == "{uid}" else value)
            for field, operator, value in row.query.where
        )
        path = getattr(row, place).format(**names)
        return getattr(world.as_(who), verb)(path, replace(row.query, where=where, **changes))

    return listen


@EVERY_LISTENER
class TestListeners:
    """Attack 90: the listener table, row by row."""

    def test_as_the_app_sends_it(self, listening, name):
        """Allowed, and it finds what the seed put there."""
        answer = listening(name)

        assert answer.verdict == ALLOWED
        assert answer.documents

    def test_counting_within_the_bound(self, listening, name):
        """An aggregation is a list as well, and needs the same limit."""
        verdicts = [
            listening(name, verb="count").verdict,
            listening(name, verb="count", limit=None).verdict,
        ]

        assert verdicts == [ALLOWED, DENIED]

    def test_without_limit(self, listening, name):
        """Attack 44."""
        assert listening(name, limit=None).verdict == DENIED

    def test_limit_at_the_bound_and_one_above(self, listening, name):
        """Attack 45."""
        bound = LISTENERS[name].bound

        verdicts = [listening(name, limit=limit).verdict for limit in (bound, bound + 1)]

        assert verdicts == [ALLOWED, DENIED]

    @pytest.mark.parametrize("who", ["nobody", "stranger", "removed", "expired"])
    def test_as_someone_it_is_not_for(self, listening, name, who):
        """No token, no membership, no longer a membership; for a bell or devices: another uid."""
        assert listening(name, who=who).verdict == DENIED

    def test_elsewhere(self, listening, name):
        """The same query in a workspace, or under a person, that is not the caller's."""
        assert listening(name, place="elsewhere").verdict == DENIED

    def test_widened_to_the_collection_group(self, listening, name):
        """Attacks 13, 30, 46: no collection group but members, and that only with its filter."""
        assert listening(name, place="collection", every_path=True).verdict == DENIED


@pytest.mark.parametrize(("name", "who"), IN_WORKSPACE)
def test_every_role(listening, name, who):
    """Viewers see what owners see, but for invitations; whoever is outside sees nothing."""
    expected = ALLOWED if who in LISTENERS[name].readers else DENIED

    assert expected == listening(name, who=who).verdict


REFUSED_MEMBERSHIP_QUERIES = {
    "a48-no-filter": {"where": ()},
    "no-limit": {"limit": None},
    "limit-above": {"limit": 51},
    "another-uid": {"where": (("uid", "EQUAL", "owner"),)},
    "a47-me-or-another": {
        "where": (("uid", "EQUAL", "member"), ("uid", "EQUAL", "owner")),
        "any_of": True,
    },
    "a47-in-me-and-another": {"where": (("uid", "IN", ["member", "owner"]),)},
    "a47-not-another": {"where": (("uid", "NOT_EQUAL", "owner"),)},
    "a47-range": {"where": (("uid", "GREATER_THAN_OR_EQUAL", "member"),)},
    "a49-another-filter": {"where": (("displayName", "EQUAL", "x"),)},
    "a49-uid-is-null": {"where": (("uid", "EQUAL", None),)},
}


class TestMyMemberships:
    """Collection group `members` where `uid == me`: the filter carries the permission."""

    @pytest.mark.parametrize("who", ["owner", "viewer", "guest", "member"])
    def test_it_finds_only_my_own(self, world, who):
        """One member document, mine."""
        answer = world.as_(who).list("members", _mine(world, who))

        assert answer.verdict == ALLOWED
        assert [world.uid(who)] == [doc["name"].rpartition("/")[2] for doc in answer.documents]

    def test_it_finds_memberships_in_several_workspaces(self, world):
        """Which is what it is for."""
        uid = world.uid("wanderer")
        for workspace in ("one", "two"):
            world.store(f"{world.w1}-{workspace}/members/{uid}", member(uid, "viewer"))

        answer = world.client.as_(uid).list("members", _mine(world, "wanderer"))

        assert len(answer.documents) == 2

    def test_a_removed_person_finds_none(self, world):
        """The question is allowed to anyone signed in; the answer is empty."""
        answer = world.as_("removed").list("members", _mine(world, "removed"))

        assert (answer.verdict, answer.documents) == (ALLOWED, [])

    @pytest.mark.parametrize(
        "changes", REFUSED_MEMBERSHIP_QUERIES.values(), ids=REFUSED_MEMBERSHIP_QUERIES
    )
    def test_its_twins_are_refused(self, world, changes):
        """Without the filter, or with any filter that others' documents could pass."""
        query = replace(_mine(world, "member"), **changes)
        where = tuple((name, how, world.named(value)) for name, how, value in query.where)

        answer = world.as_("member").list("members", replace(query, where=where))

        assert answer.verdict == DENIED

    def test_nobody_asks(self, world):
        """Without a token there is no uid to compare."""
        assert world.as_("nobody").list("members", _mine(world, "member")).verdict == DENIED

    def test_the_group_rule_opens_no_single_document(self, world):
        """It grants lists; a get still needs membership, also at an odd place called members."""
        place = f"{world.me('stranger')}/members/{world.uid('stranger')}"
        world.store(place, member(world.uid("stranger"), "owner"))
        app = world.as_("stranger")

        answers = [app.get(place), app.create(f"{place}-2", {"uid": world.uid("stranger")})]

        assert [answer.verdict for answer in answers] == [DENIED, DENIED]


class TestLimitsInOtherForms:
    """A bound cannot be passed by asking differently."""

    @pytest.mark.parametrize(("size", "expected"), [(30, ALLOWED), (31, DENIED)])
    def test_page_size_counts_as_the_limit(self, world, size, expected):
        """ListDocuments, which REST and gRPC clients can call."""
        answer = world.as_("member").list_documents(f"{world.w1}/events", size)

        assert expected == answer.verdict

    def test_a_filter_does_not_replace_the_limit(self, world):
        """However few documents it would find."""
        query = Query((("createdAt", "EQUAL", PAST),))

        assert world.as_("member").list(f"{world.w1}/tasks", query).verdict == DENIED


def _mine(world, who):
    return replace(MY_MEMBERSHIPS, where=(("uid", "EQUAL", world.uid(who)),))
