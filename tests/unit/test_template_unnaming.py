"""What notifications say once the person they tell of has left for good."""

from datetime import UTC, datetime
from typing import Any

import pytest

from backend.kit.actor import ERASED_UID
from backend.kit.documents import Change, Stored
from backend.leaving.traces import forgetting
from backend.notifications.documents import without_actor
from backend.templating.library import library
from backend.templating.model import LOCALES, Kind
from backend.templating.samples import sample_values
from backend.templating.unnaming import texts_without_actor
from backend.templating.values import Filling

ANN = "Ann Berger"
EVERY = [(name, locale) for name in library().variables for locale in LOCALES]
NAMING = ("assigned", "completed", "comment", "mention", "statusChanged", "invitation")


def notification(name: str, locale: str, number: int = 0) -> dict[str, Any]:
    """A notification as it is stored, and as somebody has read it."""
    values = {**sample_values(library().variables[name])}
    people = [key for key, each in library().variables[name].items() if each.kind is Kind.PERSON]
    values |= dict.fromkeys(people, ANN)
    compiled = library().compiled(name, locale)
    filling = Filling(compiled.tongue, for_mail=False)
    title, body = compiled.notice(filling.exactly(compiled.variables, values))
    return {
        "template": f"{name}@{number}",
        "locale": locale,
        "values": values,
        "title": title,
        "body": body,
    }


class TestTextsWithoutActor:
    """`texts_without_actor`"""

    @pytest.mark.parametrize(("name", "locale"), EVERY)
    def test_no_text_names_them_afterwards(self, name: str, locale: str):
        """Neither the words nor the values that a mail would be made of."""
        said = notification(name, locale)

        left = texts_without_actor(said)

        assert ANN not in str(left)
        assert {"template", "title", "body", "values"} == set(left)

    @pytest.mark.parametrize("name", NAMING)
    def test_there_is_something_to_take_away(self, name: str):
        """The test above would pass on templates that name nobody."""
        said = notification(name, "en")

        assert ANN in said["title"] + said["body"]
        assert "Someone" in str(texts_without_actor(said))

    @pytest.mark.parametrize(("name", "locale"), EVERY)
    def test_what_names_nobody_stays_as_it_is(self, name: str, locale: str):
        """What it was about is there as before."""
        said = notification(name, locale)
        left = texts_without_actor(said)

        for part in ("title", "body"):
            if ANN not in said[part]:
                assert said[part] == left[part]

    def test_words_of_a_version_become_the_built_in_ones(self):
        """The version is not read for it."""
        said = {**notification("assigned", "de", number=7), "title": "Arbeit von Ann Berger"}

        left = texts_without_actor(said)

        assert ("assigned@0", "Jemand hat Ihnen eine Aufgabe zugewiesen") == (
            left["template"],
            left["title"],
        )

    @pytest.mark.parametrize(
        ("template", "title", "body", "left"),
        [
            ("assigned@1", "Ann assigned you a task", "T", ("Someone assigned you a task", "T")),
            ("statusChanged@1", "T is done", "Changed by Ann", ("T is done", "Changed by Someone")),
            ("overdue@1", "Overdue: T", "It was due Monday", ("Overdue: T", "It was due Monday")),
        ],
    )
    def test_one_from_before_values_were_kept(
        self, template: str, title: str, body: str, left: tuple[str, str]
    ):
        """Its English texts are all there is."""
        old = {"template": template, "title": title, "body": body}

        found = texts_without_actor(old)

        assert left == (found["title"], found["body"])

    def test_a_text_whose_template_is_gone_is_left_out(self):
        """Better no words than somebody's name."""
        old = {"template": "older@0", "title": "Ann did it", "body": "T", "values": {"who": "Ann"}}

        assert {"title": "", "body": "", "values": {}} == texts_without_actor(old)

    @pytest.mark.parametrize("name", NAMING)
    def test_the_built_in_texts_allow_for_it(self, name: str):
        """In English, a text that names somebody says nothing else that varies: see above."""
        compiled = library().compiled(name, "en")
        filling = Filling(compiled.tongue, for_mail=False)
        variables = compiled.variables
        bare = compiled.notice(filling.leniently(variables, {"actor": ANN}))
        full = compiled.notice(filling.leniently(variables, notification(name, "en")["values"]))

        for part, one, other in zip(("title", "body"), bare, full, strict=True):
            if compiled.names_somebody(part):
                assert one == other


def test_the_document_names_nobody():
    """Nor who acted."""
    assert ERASED_UID == without_actor(notification("mention", "fr"))["actorUid"]


@pytest.mark.parametrize(
    ("path", "field"),
    [("templates/assigned", "updatedBy"), ("templates/assigned/versions/1", "createdBy")],
)
def test_templates_forget_who_made_them(path: str, field: str):
    """The texts stay: they are the service's."""
    stored = Stored(path, {field: "ann", "texts": {}}, datetime(2026, 11, 20, tzinfo=UTC))

    assert Change(stored, {field: ERASED_UID}) == forgetting(stored, "ann")
