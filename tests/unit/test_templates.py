"""Words for people, whatever people wrote."""

import pytest

from backend.notifications.bundling import BUNDLED
from backend.notifications.model import CATEGORIES, Category
from backend.notifications.templates import MAX_BODY, MAX_TITLE, Words, plain, render

WORDS = Words(actor="Ann", task="Ship it", status="in progress", due="24 Dec 2026, 18:00")


class TestRender:
    """One template for each category that is about a task, and those about the account."""

    @pytest.mark.parametrize("category", CATEGORIES.values())
    def test_every_category_has_words(self, category: Category):
        """And says which template they come from."""
        rendered = render(category.value, WORDS)

        assert rendered.title
        assert rendered.body
        assert f"{category.value}@1" == rendered.template
        assert "Ship it" in rendered.title + rendered.body

    @pytest.mark.parametrize("category", sorted(BUNDLED))
    @pytest.mark.parametrize(("more", "body"), [("", "A, B"), ("7", "A, B and 7 more")])
    def test_what_is_told_together_has_words(self, category: Category, more: str, body: str):
        """How many there are, and the names of the first."""
        rendered = render(f"{category.value}Many", Words(number="9", first="A, B", more=more))

        assert rendered.title.startswith("9 tasks are ")
        assert (body, f"{category.value}Many@1") == (rendered.body, rendered.template)

    def test_every_category_has_an_event(self):
        """A category that nothing leads to is a mistake; some are about no task."""
        others = {Category.SECURITY, Category.ANNOUNCEMENT, Category.JOBS}

        assert set(Category) - others == set(CATEGORIES.values())

    def test_the_notice_of_a_new_device_says_which_and_when(self):
        """And what to do if it is somebody else's."""
        rendered = render("newDevice", Words(platform="Android", day="20 Nov 2026"))

        assert "New device on your account: Android" == rendered.title
        assert rendered.body.startswith("Added on 20 Nov 2026.")
        assert "sign out everywhere" in rendered.body
        assert "newDevice@1" == rendered.template

    @pytest.mark.parametrize(
        "hostile", ["{{7*7}}", "{{ actor.__class__ }}", "{% raw %}", "%n", "${x}", "<script>"]
    )
    def test_what_people_write_is_never_a_template(self, hostile: str):
        """It comes out as it went in."""
        rendered = render(
            Category.COMPLETED.value, Words(actor="Ann", task=hostile, status="done", due="")
        )

        assert hostile == rendered.body

    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            ("two\r\nlines", "two lines"),
            ("\u202egnp.exe", "gnp.exe"),
            ("zero\u200bwidth", "zerowidth"),
            ("nul\x00", "nul"),
            ("surro\ud800gate", "surrogate"),
            ("  spaces   between ", "spaces between"),
            ("Grüße 🎉", "Grüße 🎉"),
        ],
    )
    def test_text_is_made_plain(self, written: str, shown: str):
        """A title cannot forge a second line or turn the direction of the text."""
        assert shown == plain(written)

    def test_length_is_bounded(self):
        """A lock screen shows little, and a push carries 4,096 bytes at the most."""
        words = Words(actor="A" * 500, task="T" * 500, status="done", due="")
        rendered = render(Category.STATUS_CHANGED.value, words)

        assert MAX_TITLE == len(rendered.title)
        assert len(rendered.body) <= MAX_BODY
        assert rendered.title.endswith("…")
