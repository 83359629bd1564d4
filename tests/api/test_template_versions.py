"""Templates: staff save a version, look at it, publish it; the next notification obeys."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from google.api_core.exceptions import Aborted
from google.cloud.firestore import WriteBatch
from pytest_mock import MockerFixture

from backend.adapters.firestore import metered
from backend.admin.model import StaffRole
from backend.templating.service import Templates
from tests.api.world import Caller, World, cost_of

HOME = "/admin/templates/assigned"
VERSIONS = f"{HOME}/versions"
SAMPLE_TITLE = "Ann Berger has work for you"
TODAY = {"day": "2026-12-24", "dueCount": 1, "overdueCount": 0, "doneCount": 0}


def texts(**changed: Any) -> dict[str, Any]:
    return {
        "title": "{{ actor }} has work for you",
        "body": "{{ task }}",
        "subject": "Work: {{ task }}",
        "text": "{{ actor }}: {{ task }}",
        "html": "<p><strong>{{ task }}</strong></p>",
    } | changed


@pytest.fixture
def ada(world: World) -> Caller:
    """An admin, appointed from the command line."""
    ada = world.person("Ada")
    ada.get("/users/me")
    world.services.admin.appoint_first(ada.uid, StaffRole.ADMIN)
    return ada


@pytest.fixture
def bob(world: World) -> Caller:
    bob = world.person("Bob")
    bob.get("/users/me")
    return bob


def saved(ada: Caller, home: str = VERSIONS, **by_language: Any) -> int:
    answer = ada.post(home, {"texts": by_language or {"en": texts()}})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["number"])


def published(ada: Caller, number: int, home: str = VERSIONS) -> dict[str, Any]:
    answer = ada.post(f"{home}/{number}:publish")
    assert answer.status_code == 200, answer.text
    return answer.json()


def told(world: World, ada: Caller, bob: Caller, title: str = "Water the plants") -> dict[str, Any]:
    """What Bob finds once Ada has given him a task."""
    team = world.team(ada, bob)
    ada.post(f"/workspaces/{team}/tasks", {"title": title, "assigneeIds": [bob.uid]})
    world.settle()
    return world.inbox(bob)[-1]


class TestPublishing:
    """From a draft to what people get, and back."""

    def test_what_is_published_is_what_people_get(self, world: World, ada: Caller, bob: Caller):
        """In the inbox, with the version it came from."""
        published(ada, saved(ada))

        got = told(world, ada, bob)

        assert ("assigned@1", "Ada has work for you") == (got["template"], got["title"])

    def test_a_draft_reaches_nobody(self, world: World, ada: Caller, bob: Caller):
        """Saved is not published."""
        saved(ada)

        assert "assigned@0" == told(world, ada, bob)["template"]

    def test_one_goes_back_to_the_built_in_texts(self, world: World, ada: Caller, bob: Caller):
        """Which is how a publication is undone."""
        published(ada, saved(ada))
        back = published(ada, 0)

        assert (0, 1) == (back["published"], back["latest"])
        assert "Ada assigned you a task" == told(world, ada, bob)["title"]

    def test_one_goes_back_to_an_older_version(self, world: World, ada: Caller, bob: Caller):
        """They are all kept."""
        first = saved(ada)
        second = saved(ada, en=texts(title="Another {{ task }}"))
        published(ada, second)
        published(ada, first)

        assert "assigned@1" == told(world, ada, bob)["template"]

    def test_a_language_left_out_keeps_the_built_in_texts(
        self, world: World, ada: Caller, bob: Caller
    ):
        """Bob reads German; the version speaks English alone."""
        bob.patch("/users/me", {"locale": "de"})
        published(ada, saved(ada))

        got = told(world, ada, bob)

        assert ("assigned@0", "Ada hat Ihnen eine Aufgabe zugewiesen") == (
            got["template"],
            got["title"],
        )

    def test_another_process_obeys_within_a_minute(self, world: World, ada: Caller):
        """It looks again by then."""
        templates = Templates(world.services.ports.store, world.clock, app_url="https://t.example")
        values = {"actor": "Ann", "task": "T"}
        before = templates.render("assigned", "en", values).template
        published(ada, saved(ada))
        world.pass_time(timedelta(seconds=61))

        assert ("assigned@0", "assigned@1") == (
            before,
            templates.render("assigned", "en", values).template,
        )

    def test_rendering_costs_next_to_nothing(self, world: World, ada: Caller):
        """A query a minute, and a version once; the test of what people get is above."""
        published(ada, saved(ada))
        templates = Templates(world.services.ports.store, world.clock, app_url="https://t.example")
        costs = []
        for locale in ("en", "en", "fr", "en"):
            with metered() as usage:
                templates.render("assigned", locale, {"actor": "Ann", "task": "T"})
            costs.append((usage.rpcs, usage.reads, usage.writes))
        world.clock.advance(timedelta(seconds=61))
        with metered() as usage:
            templates.render("assigned", "en", {"actor": "Ann", "task": "T"})

        assert [(2, 2, 0), (0, 0, 0), (1, 1, 0), (0, 0, 0)] == costs
        assert (1, 1, 0) == (usage.rpcs, usage.reads, usage.writes)

    def test_publishing_twice_is_publishing_once(self, world: World, ada: Caller):
        """The second one changes and records nothing."""
        number = saved(ada)

        first, second = published(ada, number), published(ada, number)

        assert first == second
        acts = [
            each["details"]["act"]
            for each in world.documents("audit")
            if each["action"] == "template.kept"
        ]
        assert ["published", "saved"] == sorted(acts)

    def test_a_stale_publication_changes_nothing(self, ada: Caller):
        """Two admins, one template."""
        one, two = saved(ada), saved(ada)
        seen = ada.get(HOME).headers["ETag"]
        published(ada, one)

        late = ada.post(f"{VERSIONS}/{two}:publish", headers={"If-Match": seen})

        assert (412, 1) == (late.status_code, late.json()["current"]["published"])
        assert 1 == ada.get(HOME).json()["published"]

    def test_what_a_release_cannot_use_is_passed_over(self, world: World, ada: Caller, bob: Caller):
        """A version that a later release wrote: words of ours are better than none."""
        published(ada, saved(ada))
        version = world.document("templates/assigned/versions/1") or {}
        version["texts"]["en"]["title"] = "{{ novel }}"
        world.write("templates/assigned/versions/1", version)

        assert "assigned@0" == told(world, ada, bob)["template"]


class TestSaving:
    """`POST …/versions`"""

    @pytest.mark.parametrize(
        ("part", "source", "code"),
        [
            ("title", "{{ workspace }}", "unknown-variable"),
            ("body", "{{ actor.__class__ }}", "invalid-template"),
            ("subject", "{{ 7*7 }}", "invalid-template"),
            ("text", "{% include 'x' %}", "invalid-template"),
            ("title", "\u202e{{ task }}", "invalid-template"),
            ("html", "<script>alert(1)</script>", "invalid-markup"),
            ("html", '<a href="{{ task }}">x</a>', "invalid-markup"),
        ],
    )
    def test_what_could_not_be_rendered_is_refused(
        self, world: World, ada: Caller, part: str, source: str, code: str
    ):
        """Where, and why; and nothing is kept."""
        answer = ada.post(VERSIONS, {"texts": {"en": texts(), "de": texts(**{part: source})}})

        (fault,) = answer.json()["errors"]
        assert (422, f"/texts/de/{part}", code) == (
            answer.status_code,
            fault["pointer"],
            fault["code"],
        )
        assert [] == world.documents("templates")

    @pytest.mark.parametrize(
        ("wanted", "pointer"),
        [
            ({"en": {**texts(), "title": ""}}, "/texts/en/title"),
            ({"en": {**texts(), "footer": "x"}}, "/texts/en/footer"),
            ({"en": "x"}, "/texts/en"),
            ({"it": texts()}, "/texts/it"),
        ],
    )
    def test_a_fault_is_pointed_at(self, ada: Caller, wanted: dict[str, Any], pointer: str):
        """Where it stands in what was sent (RFC 6901)."""
        answer = ada.post(VERSIONS, {"texts": wanted})

        assert [(422, pointer)] == [
            (answer.status_code, fault["pointer"]) for fault in answer.json()["errors"]
        ]

    def test_each_fault_is_named(self, ada: Caller):
        """At once, so that nobody has to ask twice."""
        bad = texts(title="{{ a }}", body="{{ b }}")

        answer = ada.post(VERSIONS, {"texts": {"en": bad, "fr": bad}})

        assert 4 == len(answer.json()["errors"])

    def test_an_unknown_name_is_not_there(self, ada: Caller):
        """As nothing of that name is."""
        answer = ada.post("/admin/templates/nothing/versions", {"texts": {"en": texts()}})

        assert 404 == answer.status_code

    def test_versions_are_listed_the_latest_first(self, ada: Caller):
        """And the built-in one is found under 0."""
        for _ in range(3):
            saved(ada)

        page = ada.get(f"{VERSIONS}?pageSize=2").json()
        rest = ada.get(f"{VERSIONS}?pageSize=2&pageToken={page['nextPageToken']}").json()

        assert [3, 2, 1] == [each["number"] for each in [*page["items"], *rest["items"]]]
        built_in = ada.get(f"{VERSIONS}/0").json()
        assert ["de", "en", "es", "fr", "pt"] == sorted(built_in["texts"])

    def test_who_save_at_once_get_versions_of_their_own(self, world: World, ada: Caller):
        """Four threads, four numbers, four versions."""
        with ThreadPoolExecutor(4) as pool:
            numbers = sorted(pool.map(lambda _: saved(ada), range(4)))

        assert [1, 2, 3, 4] == numbers
        assert [1, 2, 3, 4] == sorted(
            each["number"] for each in world.documents("templates/assigned/versions")
        )

    def test_a_save_whose_answer_was_lost_is_one_version(
        self, world: World, ada: Caller, mocker: MockerFixture
    ):
        """The commit took place; the plan runs again and finds its own."""
        ada.get(HOME)
        commit, errors = WriteBatch.commit, iter([Aborted("lost")])

        def loses_its_first_answer(batch: WriteBatch, **options: Any) -> Any:
            results = commit(batch, **options)
            for error in errors:
                raise error
            return results

        mocker.patch.object(WriteBatch, "commit", loses_its_first_answer)

        number = saved(ada)

        assert (1, 1) == (number, len(world.documents("templates/assigned/versions")))

    def test_it_costs_what_it_writes(self, ada: Caller):
        """A version, its template, and the entry of the audit log."""
        ada.get(HOME)

        cost = cost_of(ada.post(VERSIONS, {"texts": {"en": texts()}}))

        assert 3 == cost[2]


class TestPreview:
    """`POST …/versions/{n}:preview`"""

    def test_it_shows_what_somebody_would_get(self, ada: Caller):
        """Of a draft, with samples, on every channel."""
        answer = ada.post(f"{VERSIONS}/{saved(ada)}:preview", {}).json()

        assert ("assigned@1", SAMPLE_TITLE) == (answer["template"], answer["title"])
        assert "Work: Book the venue" == answer["mail"]["subject"]
        assert "Book the venue</strong>" in answer["mail"]["html"]

    def test_it_takes_values(self, ada: Caller):
        """Of the built-in version, in another language."""
        trial = {"locale": "fr-CA", "values": {"number": 1, "place": "Lancement"}}

        answer = ada.post("/admin/templates/grouped/versions/0:preview", trial).json()

        assert ("fr", "1 changement dans Lancement") == (answer["locale"], answer["title"])

    def test_values_that_do_not_fit_are_refused(self, ada: Caller):
        """It says which, and what it should be."""
        trial = {"values": {"number": "five", "place": "Launch"}}

        answer = ada.post("/admin/templates/grouped/versions/0:preview", trial)

        (fault,) = answer.json()["errors"]
        assert (422, "/values", "The values do not fit: number is no number.") == (
            answer.status_code,
            fault["pointer"],
            fault["detail"],
        )

    @pytest.mark.parametrize(
        "entry", ["", [], 5, None, {}, {"title": None}, {"title": "A", "x": 1}]
    )
    def test_an_entry_that_is_none_is_refused(self, ada: Caller, entry: object):
        """Whatever it is instead."""
        values = {**TODAY, "due": [entry]}

        answer = ada.post("/admin/templates/dailyDigest/versions/0:preview", {"values": values})

        (fault,) = answer.json()["errors"]
        assert (422, "The values do not fit: due is no list.") == (
            answer.status_code,
            fault["detail"],
        )


class TestWhoMay:
    """Staff with the right."""

    def test_support_may_not(self, ada: Caller, bob: Caller):
        """Nor look at drafts."""
        ada.patch(f"/admin/users/{bob.uid}", {"role": "support"})

        answers = [
            bob.get("/admin/templates"),
            bob.get(HOME),
            bob.get(VERSIONS),
            bob.get(f"{VERSIONS}/0"),
            bob.post(VERSIONS, {"texts": {"en": texts()}}),
            bob.post(f"{VERSIONS}/0:preview", {}),
            bob.post(f"{VERSIONS}/0:testSend", {}),
            bob.post(f"{VERSIONS}/0:publish"),
        ]

        assert [403] * 8 == [each.status_code for each in answers]
