"""Leaving for good: what goes, what stays, and what anybody finds afterwards."""

import json
import re
from datetime import timedelta

import pytest

from backend.kit.people import without_person
from backend.leaving.receipts import receipt_from_text, receipt_of, receipt_path
from tests.api.leaving import ADDRESS, Life, lived
from tests.api.world import World

MINUTE = timedelta(minutes=1)


@pytest.fixture
def life(world: World) -> Life:
    return lived(world)


@pytest.fixture
def erased(life: Life) -> Life:
    life.ask()
    life.let_time_pass()
    return life


class TestErased:
    """Security check 60: afterwards a scan finds nothing."""

    def test_nothing_is_left_anywhere(self, life: Life, capfd: pytest.CaptureFixture[str]):
        """No document, no file, no sign-in; and no line of log on the way names her."""
        before = {finding.place.split("/")[-2] for finding in life.found()}
        life.ask()
        capfd.readouterr()

        life.let_time_pass()

        assert {"tasks", "notifications", "history", "events", "idempotency", "shadows"} <= before
        assert [] == life.found()
        assert life.world.services.ports.credentials.find(life.ann.uid) is None
        out, err = capfd.readouterr()
        assert "erasure.ended" in out
        assert [] == [term for term in life.terms if term.lower() in (out + err).lower()]

    def test_the_work_stays_with_the_others(self, erased: Life):
        """Tasks and comments are there; a stand-in is where she was, and lists are without her."""
        team = f"workspaces/{erased.team}"
        tasks = erased.world.documents(f"{team}/tasks")

        assert {"For Bob, changed", "For her", "From her app", "Weekly"} <= {
            task["title"] for task in tasks
        }
        assert {"erased", erased.bob.uid} == {task["createdBy"] for task in tasks}
        assert [] == [task for task in tasks if erased.ann.uid in task["assigneeIds"]]
        assert {"erased"} == {task["completedBy"] for task in tasks if task["status"] == "done"}

    def test_her_emoji_stays_and_is_nobodys(self, erased: Life):
        """What the others counted, they count; what she said is there, under a stand-in."""
        comments = [
            each.fields
            for each in erased.world.services.ports.store.below(
                f"workspaces/{erased.team}", limit=500, whole=True
            )
            if "/comments/" in each.path
        ]
        his = next(each for each in comments if each["body"] == "Ask her.")

        assert ["erased", erased.bob.uid] == [each["uid"] for each in his["reactions"]]
        assert ([erased.bob.uid], [erased.bob.uid]) == (his["reactedBy"], his["mentionIds"])
        assert {"Done?": "erased", "Ask her.": erased.bob.uid} == {
            each["body"]: each["authorUid"] for each in comments
        }

    def test_nobody_hears_of_it(self, life: Life):
        """No revision, no event, no notification: what others see is only that nobody is named."""
        life.world.settle(times=2)
        before = _seen_by_others(life)
        life.ask()

        life.let_time_pass()
        life.world.settle(times=2)

        assert before == _seen_by_others(life)

    def test_what_her_notifications_said_names_nobody(self, erased: Life):
        """Bob still reads what happened, and what it was about."""
        told = {(each["title"], each["body"]) for each in erased.world.inbox(erased.bob)}

        assert ("Someone assigned you a task", "From her app") in told
        assert ("For Bob, changed is in progress", "Changed by Someone") in told

    def test_a_kept_answer_is_still_the_answer(self, life: Life):
        """Bob repeats his request: the same task, without her."""
        answers = life.world.documents("idempotency")
        kept = [each for each in answers if each["uid"] == life.bob.uid]
        life.ask()

        life.let_time_pass()

        (answer,) = life.world.documents("idempotency")
        assert [answer["fingerprint"]] == [each["fingerprint"] for each in kept]
        assert [] == json.loads(answer["body"])["assigneeIds"]

    def test_teams_without_anybody_else_go_with_her(self, erased: Life):
        """And those of others stay, with whom they have."""
        assert erased.world.document(f"workspaces/{erased.alone}") is None
        members = erased.world.documents(f"workspaces/{erased.team}/members")
        assert [erased.bob.uid] == [each["uid"] for each in members]

    def test_an_old_token_opens_no_new_account(self, erased: Life):
        """Neither after the sign-in is gone, nor if it came back under the same uid."""
        gone = erased.ann.get("/users/me").status_code
        erased.world.sign_up(erased.ann.uid)
        erased.world.clock.advance(2 * MINUTE)
        again = erased.ann.get("/users/me").status_code

        assert (401, 404) == (gone, again)
        assert erased.world.document(f"users/{erased.ann.uid}") is None

    def test_the_same_address_may_begin_anew(self, erased: Life):
        """As somebody else, of another uid."""
        newcomer = erased.world.person("Annegret-again", ADDRESS)

        assert newcomer.get("/users/me").json()["displayName"] == "Annegret-again"


class TestLetters:
    """The person hears of it at both ends."""

    def test_it_is_announced_and_confirmed(self, erased: Life):
        """The second letter is the last, and brings a receipt that verifies."""
        announced, confirmed = erased.world.mails(ADDRESS)
        text = confirmed.text
        (code,) = re.findall(r"\beyJ[A-Za-z0-9_-]+", text)
        receipt = receipt_from_text(code)

        assert "will be deleted" in announced.subject
        assert "has been deleted" in confirmed.subject
        assert erased.world.services.receipts.is_genuine(receipt)

    def test_a_mail_server_that_is_down_keeps_nothing_for_long(self, life: Life):
        """The address waits for a day at Firebase Auth, and then goes without the letter."""
        life.ask()
        life.world.mail.script(ADDRESS, ["BUSY_451"], repeat=True)

        life.let_time_pass(rounds=60)

        assert 1 == len(life.world.mails(ADDRESS))
        assert [] == life.found()
        assert life.world.services.ports.credentials.find(life.ann.uid) is None


class TestReceipt:
    """What remains: counts, an instant and a signature."""

    def test_it_counts_what_went_and_names_nobody(self, life: Life):
        """Each document that was there before and is not any more, by its collection."""
        life.world.settle(times=3)
        before = life.paths()
        life.ask()

        life.let_time_pass()

        receipt = receipt_of(life.world.services.ports.store.get(receipt_path(life.ann.uid)))
        gone = before - life.paths()
        assert 1 == receipt.deleted["files"]
        # Timers fire, and shadows go, as what they stand for goes.
        along = {name: gone[name] for name in ("timers", "shadows")}
        assert {**gone, "files": 1} == {**receipt.deleted, **along}
        assert receipt.deleted["shadows"] > 0
        assert life.world.services.receipts.is_genuine(receipt)
        assert receipt.changed["tasks"] > 3


def _seen_by_others(life: Life):
    """Revisions and instants of the team's documents, and how many there are of what is told."""
    team = f"workspaces/{life.team}"
    tasks = life.world.documents(f"{team}/tasks")
    series = life.world.documents(f"{team}/series")
    return (
        sorted((each["title"], each["rev"], each["updatedAt"]) for each in [*tasks]),
        sorted((each["rev"], each["updatedAt"]) for each in series),
        len(life.world.documents(f"{team}/events")),
        len(life.world.inbox(life.bob)),
        without_person(life.world.document(team)["counters"], life.ann.uid),
        life.world.document(f"users/{life.bob.uid}/counters/inbox")["unread"],
    )
