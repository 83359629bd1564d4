"""Broadcasts: who is told, in which words, by which channels, and what the admin sees of it."""

from datetime import timedelta

import pytest

from tests.api.broadcasting import PATH, TEXTS, an_admin, broadcast, named, shown, titles
from tests.api.wishes import prefers
from tests.api.world import Caller, World, cost_of

QUARTER = timedelta(minutes=15)


@pytest.fixture
def ada(world: World) -> Caller:
    return an_admin(world)


@pytest.fixture
def bob(world: World) -> Caller:
    return world.person("Bob")


@pytest.fixture
def eve(world: World) -> Caller:
    return world.person("Eve")


class TestTelling:
    """`POST /admin/broadcasts`."""

    def test_everybody_finds_it_and_hears_of_it_once(
        self, world: World, ada: Caller, bob: Caller, eve: Caller
    ):
        """In their inbox, counted by the badge, and on their phone."""
        phone = bob.has_phone()
        broadcast_id = broadcast(ada)
        world.settle()

        assert [["Down on Sunday"]] * 3 == [titles(world, each) for each in (ada, bob, eve)]
        assert 1 == world.document(f"users/{bob.uid}/counters/inbox")["unread"]
        assert ["Down on Sunday"] == [
            each.message["notification"]["title"] for each in world.fcm.messages(phone)
        ]
        assert ("counting", 3, 3) == tuple(
            shown(ada, broadcast_id)[name] for name in ("state", "expected", "told")
        )

    def test_each_reads_it_in_their_language(self, world: World, ada: Caller, bob: Caller):
        """The closest one there is, and English where there is none."""
        bob.patch("/users/me", {"locale": "de-AT"})
        ada.patch("/users/me", {"locale": "pt-BR"})

        broadcast(ada, link="/news")
        world.settle()

        assert (["Pause am Sonntag"], ["Down on Sunday"]) == (
            titles(world, bob),
            titles(world, ada),
        )
        (notice,) = world.inbox(bob)
        assert ("/news", "announcement") == (notice["link"], notice["category"])

    def test_it_ends_with_what_became_of_it(self, world: World, ada: Caller, bob: Caller):
        """A quarter of an hour after the last was told, by channel; the operation says the same."""
        bob.has_phone()
        broadcast_id = broadcast(ada, channels=["push"])
        world.settle()
        world.pass_time(QUARTER)

        found = shown(ada, broadcast_id)
        operation = ada.get(f"/operations/{broadcast_id}").json()

        assert "done" == found["state"]
        assert {
            "inbox": {"sent": 2},
            "push": {"sent": 1, "noDevice": 1},
            "email": {"suppressed": 2},
        } == found["outcomes"]
        assert ("done", {"told": 2, "leftOut": 0, "outcomes": found["outcomes"]}) == (
            operation["state"],
            operation["result"],
        )

    def test_what_people_have_set_holds(self, world: World, ada: Caller, bob: Caller):
        """Who wants no announcements finds it archived, and is not disturbed."""
        phone = bob.has_phone()
        prefers(world, bob, matrix={"announcement": {"inbox": False, "push": False}})
        broadcast_id = broadcast(ada, segment=named(bob))
        world.settle()

        (outcome,) = ada.get(f"{PATH}/{broadcast_id}/recipients").json()["items"]
        (notice,) = world.inbox(bob)

        assert {"inbox": "muted", "push": "muted", "email": "muted"} == {
            channel: each["decision"] for channel, each in outcome["decisions"].items()
        }
        assert [] == world.fcm.messages(phone)
        assert notice["archivedAt"] is not None

    def test_nobody_is_named_as_its_sender(self, world: World, ada: Caller, bob: Caller):
        """Who of the staff it was is in the audit log, and nowhere that people see."""
        broadcast_id = broadcast(ada, segment=named(bob))
        world.settle()

        (notice,) = world.inbox(bob)
        (entry,) = [each for each in world.documents("audit") if each["action"] == "broadcast.kept"]

        assert "system" == notice["actorUid"]
        assert (ada.uid, {"broadcastId": broadcast_id, "act": "begun"}) == (
            entry["actorUid"],
            entry["details"],
        )

    def test_the_same_request_again_begins_nothing(self, world: World, ada: Caller, bob: Caller):
        """With its `Idempotency-Key`."""
        body, headers = {"texts": TEXTS, "segment": named(bob)}, {"Idempotency-Key": "once"}

        first, again = (ada.post(PATH, body, headers=headers) for _ in range(2))
        world.settle()

        assert first.json() == again.json()
        assert ["Down on Sunday"] == titles(world, bob)


class TestSegments:
    """Whom it is for."""

    def test_by_language(self, world: World, ada: Caller, bob: Caller, eve: Caller):
        """`de` is `de-AT` too, and no other that begins with these letters."""
        for person, locale in ((ada, "de-AT"), (bob, "de"), (eve, "del")):
            assert person.patch("/users/me", {"locale": locale}).ok

        broadcast(ada, segment={"locale": "de"})
        world.settle()

        assert [1, 1, 0] == [len(titles(world, each)) for each in (ada, bob, eve)]

    @pytest.mark.parametrize("written", ["PT", "pt-br", "Pt-BR"])
    def test_a_language_may_be_written_in_any_letters(
        self, world: World, ada: Caller, bob: Caller, written: str
    ):
        """As everywhere else: those who speak it are found all the same."""
        bob.patch("/users/me", {"locale": "pt-BR"})

        broadcast(ada, segment={"locale": written})
        world.settle()

        assert [0, 1] == [len(titles(world, each)) for each in (ada, bob)]

    def test_by_device(self, world: World, ada: Caller, bob: Caller, eve: Caller):
        """With one of this kind, each person once whatever number of them they have."""
        for person, device, platform in (
            (bob, "one", "ios"),
            (bob, "two", "ios"),
            (eve, "one", "android"),
        ):
            body = {"token": f"{device}-{person.uid}", "platform": platform}
            assert person.put(f"/users/me/devices/{device}", body).ok

        broadcast_id = broadcast(ada, segment={"platform": "ios"})
        world.settle()

        assert [0, 1, 0] == [len(titles(world, each)) for each in (ada, bob, eve)]
        assert 1 == shown(ada, broadcast_id)["told"]

    def test_by_when_they_were_here(self, world: World, ada: Caller, bob: Caller, eve: Caller):
        """By their devices: who has none was never seen."""
        bob.has_phone()
        world.clock.advance(timedelta(days=40))
        eve.has_phone()
        since = f"{world.clock.now() - timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}"

        broadcast(ada, segment={"activeSince": since})
        world.settle()

        assert [0, 0, 1] == [len(titles(world, each)) for each in (ada, bob, eve)]

    def test_by_workspace(self, world: World, ada: Caller, bob: Caller, eve: Caller):
        """Its present members, also of one language only."""
        team = world.team(bob, eve)
        eve.patch("/users/me", {"locale": "fr"})

        broadcast(ada, segment={"workspaceId": team})
        broadcast(ada, segment={"workspaceId": team, "locale": "fr"})
        world.settle()

        assert [0, 1, 2] == [len(titles(world, each)) for each in (ada, bob, eve)]

    def test_by_name(self, world: World, ada: Caller, bob: Caller, eve: Caller):
        """Who has no account that can be used is left out, and named among the recipients."""

        ada.post(f"/admin/users/{eve.uid}/disablement", {"reason": "Spam."})
        segment = {"audience": [bob.uid, eve.uid, "nobody"]}

        broadcast_id = broadcast(ada, segment=segment)
        world.settle()
        items = ada.get(f"{PATH}/{broadcast_id}/recipients").json()["items"]

        assert (1, 2) == tuple(shown(ada, broadcast_id)[name] for name in ("told", "leftOut"))
        assert {bob.uid: "told", eve.uid: "leftOut", "nobody": "leftOut"} == {
            each["uid"]: each["reached"] for each in items
        }

    def test_guests_and_those_who_stay(self, world: World, ada: Caller):
        """Apart from each other."""
        guest = Caller(world, f"guest-{world.project_id[5:]}", "")
        claims = {"firebase": {"sign_in_provider": "anonymous"}}
        token = world.token(guest.uid, **claims)
        guest.get("/users/me", headers={"Authorization": f"Bearer {token}"})

        broadcast(ada, segment={"people": "guests"})
        broadcast(ada, segment={"people": "registered"})
        world.settle()

        assert [1, 1] == [len(titles(world, each)) for each in (ada, guest)]

    @pytest.mark.parametrize(
        ("segment", "pointer"),
        [
            ({"audience": ["a"], "workspaceId": "w"}, "/segment/audience"),
            ({"audience": ["a"], "platform": "ios"}, "/segment/audience"),
            ({"audience": ["a", "a"]}, "/segment/audience"),
            ({"audience": [str(number) for number in range(1001)]}, "/segment/audience"),
            ({"workspaceId": "w", "platform": "web"}, "/segment/workspaceId"),
            ({"locale": "d"}, "/segment/locale"),
            ({"platform": "amiga"}, "/segment/platform"),
            ({"tall": True}, "/segment/tall"),
        ],
    )
    def test_what_is_no_segment(self, world: World, ada: Caller, segment: dict, pointer: str):
        """422, and nobody is told."""
        answer = ada.post(PATH, {"texts": TEXTS, "segment": segment})

        assert 422 == answer.status_code
        assert pointer in {each["pointer"] for each in answer.json()["errors"]} or any(
            each["pointer"].startswith(pointer) for each in answer.json()["errors"]
        )
        assert [] == world.documents("broadcasts")


class TestWords:
    """What may be said."""

    @pytest.mark.parametrize(
        "wanted",
        [
            {"texts": {}},
            {"texts": {"de": TEXTS["de"]}},
            {"texts": {**TEXTS, "x": TEXTS["de"]}},
            {"texts": {"en": {"title": "T" * 121, "body": "B"}}},
            {"texts": {"en": {"title": "A\nBcc: x@example.com", "body": "B"}}},
            {"texts": {"en": {"title": "\u200b", "body": "B"}}},
            {"link": "//evil.example.com"},
            {"link": "javascript:alert(1)"},
            {"link": "http://example.com"},
            {"link": "/\\evil.example.com"},
            {"link": "/über-uns"},
            {"link": "/news|today"},
            {"link": "https://ann@example.com/"},
            {"link": "https://example.com/über-uns"},
            {"channels": ["inbox"]},
            {"channels": ["push", "push"]},
            {"perMinute": 0},
            {"perMinute": 60_001},
        ],
    )
    def test_what_is_refused(self, world: World, ada: Caller, wanted: dict):
        """422 before anybody is told, and by the preview too."""
        answers = [ada.post(f"{PATH}{act}", {"texts": TEXTS, **wanted}) for act in ("", ":preview")]

        assert [422, 422] == [answer.status_code for answer in answers]
        assert [] == world.documents("broadcasts")

    def test_a_fault_is_pointed_at(self, ada: Caller):
        """Where it stands in what was sent, also inside of a language."""
        wanted = {"en": {"title": "", "body": "B"}, "x": TEXTS["de"]}

        answer = ada.post(PATH, {"texts": wanted})

        assert {"/texts/en/title", "/texts/x"} == {
            fault["pointer"] for fault in answer.json()["errors"]
        }


class TestPreview:
    """`POST /admin/broadcasts:preview`."""

    def test_it_says_what_would_become_of_it(self, world: World, ada: Caller, bob: Caller):
        """How many, in which words and by which channels; and tells nobody."""
        bob.patch("/users/me", {"locale": "de"})
        before = world.documents("audit")

        answer = ada.post(f"{PATH}:preview", {"texts": TEXTS, "channels": ["push"]})
        world.settle()

        assert {
            "expected": 2,
            "isExact": False,
            "samples": [{"locale": each, **TEXTS[each]} for each in ("de", "en")],
            "tried": 2,
            "outcomes": {
                "inbox": {"sent": 2},
                "push": {"pending": 2},
                "email": {"suppressed": 2},
            },
            "languages": {"de": 1, "en": 1},
        } == answer.json()
        assert [] == world.documents("broadcasts")
        assert ([], before) == (world.inbox(bob), world.documents("audit"))

    def test_it_counts_those_named_exactly(self, ada: Caller, bob: Caller):
        """Who has no account is not among them."""
        segment = {"audience": [bob.uid, "nobody"]}

        found = ada.post(f"{PATH}:preview", {"texts": TEXTS, "segment": segment}).json()

        assert (1, True, 1) == (found["expected"], found["isExact"], found["tried"])

    def test_it_costs_a_page_however_many_there_are(self, ada: Caller, bob: Caller):
        """The caller, a count, a page of accounts and how these people are: no write."""
        ada.post(f"{PATH}:preview", {"texts": TEXTS})  # Which version of the template is sent.

        assert (4, 1 + 1 + 2 + 2 * 2, 0) == cost_of(ada.post(f"{PATH}:preview", {"texts": TEXTS}))
