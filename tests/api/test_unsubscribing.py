"""Out of mail with one click, and back: `/unsubscribe/{token}` (RFC 8058)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests

from tests.api.conftest import serving
from tests.api.unsubscribing import (
    ONE_CLICK,
    address_of,
    choose,
    click,
    settings_of,
    take_back,
    way_back,
)
from tests.api.world import Caller, World, cost_of


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


class TestLooking:
    """GET: people look, and so do machines that follow every link of a mail."""

    def test_nothing_changes(self, world: World, ann: Caller):
        """The page asks, with a button that sends what a mail program would."""
        address = address_of(world, ann)
        page = requests.get(address, timeout=60)

        assert 200 == page.status_code
        assert "text/html; charset=utf-8" == page.headers["Content-Type"]
        assert "comments" in page.text
        assert f'action="{address.removeprefix(world.url)}"' in page.text
        assert 'name="List-Unsubscribe" value="One-Click"' in page.text
        assert settings_of(world, ann) is None
        assert (0, 0, 0) == cost_of(page)

    @pytest.mark.parametrize(
        ("asked", "told"),
        [("de-AT", "Kommentare"), ("fr", "commentaires"), ("pt-BR", "comentários"), ("ja", "com")],
    )
    def test_it_speaks_the_readers_language(self, world: World, ann: Caller, asked: str, told: str):
        """As far as mail is written in it."""
        page = requests.get(address_of(world, ann), headers={"Accept-Language": asked}, timeout=60)

        assert told in page.text
        assert page.headers["Content-Language"] in asked or asked == "ja"

    def test_it_keeps_to_itself(self, world: World, ann: Caller):
        """The address is a secret of sorts: no cache, no frame, no cookie, no other site."""
        headers = requests.get(address_of(world, ann), timeout=60).headers

        assert "no-store" == headers["Cache-Control"]
        assert "no-referrer" == headers["Referrer-Policy"]
        assert "form-action 'self'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "Set-Cookie" not in headers


class TestOneClick:
    """POST: by a mail program, or by the button."""

    @pytest.mark.parametrize(
        "options",
        [
            {"data": ONE_CLICK},
            {"files": {"List-Unsubscribe": (None, "One-Click")}},
            {"data": b""},
        ],
        ids=["urlencoded", "multipart", "empty"],
    )
    def test_one_kind_of_mail_ends(self, world: World, ann: Caller, options: dict):
        """At once, however the body is written, with nothing to follow and nobody signed in."""
        answer = click(address_of(world, ann), **options)

        settings = settings_of(world, ann)
        assert 200 == answer.status_code
        assert "Set-Cookie" not in answer.headers
        assert {"comment": {"email": False}} == settings["matrix"]
        assert (1, world.clock.now()) == (settings["rev"], settings["updatedAt"])

    def test_a_repeated_click_changes_nothing(self, world: World, ann: Caller):
        """It is answered alike; only the first offers to take it back."""
        first, second = (click(address_of(world, ann)) for _ in range(2))

        assert [200, 200] == [first.status_code, second.status_code]
        assert "no more mail about: comments" in second.text
        assert [True, False] == [bool(way_back(page)) for page in (first, second)]
        assert 1 == settings_of(world, ann)["rev"]

    def test_many_clicks_at_once_are_one(
        self, world: World, ann: Caller, crowd: ThreadPoolExecutor
    ):
        """Whoever loses the race finds it done; whoever was in it can take it back."""
        address = address_of(world, ann)
        answers = list(crowd.map(lambda _: click(address), range(12)))

        assert [200] * 12 == [answer.status_code for answer in answers]
        assert 1 == settings_of(world, ann)["rev"]
        ways = {way_back(answer) for answer in answers} - {""}
        assert 1 == len(ways)
        assert 200 == take_back(address, ways.pop()).status_code

    def test_all_else_stays_as_it_was(self, world: World, ann: Caller):
        """Also what an older app wrote in another form."""
        quiet = {"start": "22:00", "end": "07:00"}
        matrix = {"comment": {"push": False, "email": True}, "mention": {"email": True}}
        choose(world, ann, matrix=matrix, quietHours=quiet, bundleMinutes=12, rev=7)
        before = settings_of(world, ann)
        click(address_of(world, ann))

        assert settings_of(world, ann) == before | {
            "matrix": matrix | {"comment": {"push": False, "email": False}},
            "rev": 8,
            "updatedAt": world.clock.now(),
        }

    @pytest.mark.parametrize(
        ("name", "left"),
        [
            ("dailyDigest", {"daily": None, "weekly": {"day": 1, "time": "09:00"}}),
            ("weeklyDigest", {"daily": "07:30", "weekly": None}),
        ],
    )
    def test_a_digest_ends_alone(self, world: World, ann: Caller, name: str, left: dict):
        """The other one goes on."""
        choose(world, ann, digests={"daily": "07:30", "weekly": {"day": 1, "time": "09:00"}})
        page = click(address_of(world, ann, name))

        settings = settings_of(world, ann)
        assert (left, {}) == (settings["digests"], settings["matrix"])
        assert "The summary in the app and on your devices ends with it" in page.text

    def test_its_cost(self, world: World, ann: Caller):
        """The account and the settings, and one write; no write the second time."""
        choose(world, ann)
        costs = [cost_of(click(address_of(world, ann))) for _ in range(2)]

        assert [(2, 2, 1), (1, 2, 0)] == costs

    def test_who_has_left_is_written_nothing_about(self, world: World, ann: Caller):
        """Old mails outlive accounts, and must not bring any of them back."""
        world.database.document(f"users/{ann.uid}").delete()
        answer = click(address_of(world, ann))

        assert 200 == answer.status_code
        assert settings_of(world, ann) is None

    def test_what_is_no_form_is_refused(self, world: World, ann: Caller):
        """By its type alone."""
        answer = click(address_of(world, ann), json={})

        assert 415 == answer.status_code
        assert settings_of(world, ann) is None


class TestOutages:
    """A database that does not answer."""

    def test_a_page_asks_to_come_again(
        self, world: World, ann: Caller, monkeypatch: pytest.MonkeyPatch
    ):
        """With a status that mail programs understand: they repeat it by themselves."""
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
        with serving(world.services.settings, world.clock) as (_, url):
            answer = click(address_of(world, ann).replace(world.url, url))

        assert 503 == answer.status_code
        assert "Please try again in a minute." in answer.text
        assert int(answer.headers["Retry-After"]) > 0


class TestTakingBack:
    """The button on the page that says it is done."""

    @pytest.mark.parametrize(
        "before",
        [{}, {"comment": {"email": True}}, {"comment": {"inbox": False}}],
        ids=["default", "chosen", "other channel"],
    )
    def test_it_is_as_before(self, world: World, ann: Caller, before: dict):
        """Also asked for twice."""
        choose(world, ann, matrix=before, rev=3)
        address = address_of(world, ann)
        way = way_back(click(address))
        answers = [take_back(address, way) for _ in range(2)]

        settings = settings_of(world, ann)
        assert [200, 200] == [answer.status_code for answer in answers]
        assert "you get mail about: comments" in answers[0].text
        assert (before, 5) == (settings["matrix"], settings["rev"])

    @pytest.mark.parametrize("name", ["dailyDigest", "weeklyDigest"])
    def test_a_digest_comes_at_its_old_time(self, world: World, ann: Caller, name: str):
        """The page knows it; nothing else does."""
        digests = {"daily": "07:30", "weekly": {"day": 1, "time": "09:00"}}
        choose(world, ann, digests=digests)
        address = address_of(world, ann, name)
        take_back(address, way_back(click(address)))

        assert digests == settings_of(world, ann)["digests"]

    def test_not_after_a_day(self, world: World, ann: Caller):
        """Like every other undo."""
        address = address_of(world, ann)
        way = way_back(click(address))
        world.clock.advance(timedelta(hours=24))
        answer = take_back(address, way)

        assert 409 == answer.status_code
        assert "text/html; charset=utf-8" == answer.headers["Content-Type"]
        assert {"comment": {"email": False}} == settings_of(world, ann)["matrix"]

    def test_not_over_what_they_chose_since(self, world: World, ann: Caller):
        """Another time for their digest is theirs to keep."""
        choose(world, ann, digests={"daily": "07:30", "weekly": None})
        address = address_of(world, ann, "dailyDigest")
        way = way_back(click(address))
        choose(world, ann, digests={"daily": "12:00", "weekly": None}, rev=3)
        answer = take_back(address, way)

        assert 409 == answer.status_code
        assert "12:00" == settings_of(world, ann)["digests"]["daily"]

    def test_not_by_whoever_only_has_the_mail(self, world: World, ann: Caller):
        """A mail that was passed on switches nothing on again."""
        address = address_of(world, ann)
        click(address)
        others = ["", "x", address.rpartition("/")[2]]
        bobs = address_of(world, world.person("Bob"))
        others.append(way_back(click(bobs)))

        assert [409] * 4 == [take_back(address, way).status_code for way in others]
        assert {"comment": {"email": False}} == settings_of(world, ann)["matrix"]


class TestWrongTokens:
    """Whoever makes one up gets nowhere, and learns nothing."""

    def test_they_lead_nowhere(self, world: World, ann: Caller):
        """A page says so, before the database is asked anything."""
        good = address_of(world, ann)
        wrong = [
            f"{good[:-1]}{'A' if good[-1] != 'A' else 'B'}",
            good.replace(".comment.", ".mention."),
            good.replace(ann.uid, "bob"),
            address_of(world, ann, "security"),
            f"{world.url}/unsubscribe/x",
            f"{world.url}/unsubscribe/{'a' * 2000}",
            f"{world.url}/unsubscribe/%00%ff",
        ]
        answers = [ask(each) for each in wrong for ask in (requests.get, click)]

        assert [404] * 14 == [answer.status_code for answer in answers]
        assert {"text/html; charset=utf-8"} == {
            answer.headers["Content-Type"] for answer in answers
        }
        assert {(0, 0, 0)} == {cost_of(answer) for answer in answers}

    def test_it_is_one_persons(self, world: World, ann: Caller):
        """Whoever is signed in while they click: the mail's owner is meant."""
        bob = world.person("Bob")
        headers = {"Authorization": f"Bearer {bob.token()}"}
        click(address_of(world, ann), data=ONE_CLICK, headers=headers)

        assert settings_of(world, bob) is None
        assert {"comment": {"email": False}} == settings_of(world, ann)["matrix"]
