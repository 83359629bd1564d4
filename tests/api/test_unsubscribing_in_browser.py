"""The way out of mail in a real browser: its policy lets the buttons work, and nothing else."""

from pathlib import Path

import pytest

from tests.api.unsubscribing import address_of, settings_of
from tests.api.world import World
from tests.chromium import Chromium, program

PRESS = "document.querySelector('button').click()"


def test_out_and_back(world: World, tmp_path: Path):
    """Look, click, take it back, with no script and nothing that the browser has to refuse."""
    if (found := program()) is None:
        pytest.skip("There is no Chromium here.")
    ann = world.person("Ann")
    with Chromium(tmp_path / "profile", found) as page:
        page.open(address_of(world, ann))
        asked = page.look("document.querySelector('h1').innerText")
        looks = page.look("getComputedStyle(document.querySelector('main')).maxWidth")
        page.look(PRESS)
        page.wait_for("document.querySelector('input[name=wayBack]') !== null")
        chosen = settings_of(world, ann)
        page.look(PRESS)
        page.wait_for("location.pathname.endsWith(':undo') && document.readyState === 'complete'")
        back = page.look("document.querySelector('h1').innerText")
        complaints = page.complaints()

    assert ("No more of this mail?", "You are subscribed again.") == (asked, back)
    assert looks.endswith("px")
    assert {"comment": {"email": False}} == chosen["matrix"]
    assert {} == settings_of(world, ann)["matrix"]
    assert [] == complaints
