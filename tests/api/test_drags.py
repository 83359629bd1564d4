"""Many people drag cards about on one board at once: one order, every card, short ranks."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import chain
from typing import Any

import pytest

from backend.kit.ranks import LONG_RANK
from local.suite import EmulatorSuite
from tests.api.groups import cards, made, place_of
from tests.api.world import World
from tests.clients.programs import findings
from tests.rules.client import RulesClient
from tests.rules.conftest import ROOT

PEOPLE, CARDS = 10, 40


@pytest.fixture
def board(world: World, suite: EmulatorSuite) -> dict[str, Any]:
    """A team of ten with a board of three lists, under the rules that are deployed."""
    people = [world.person(f"P{number}") for number in range(PEOPLE)]
    owner = people[0]
    team = world.team(*people)
    board = made(owner, team, "boards")
    lists = [made(owner, team, "lists", boardId=board["id"]) for _ in range(3)]
    states = [place_of(lists[n % 3], rank=f"{n:02}V") for n in range(CARDS)]
    ids = cards(world, team, owner, states)
    world.settle()
    rules = RulesClient(suite.firestore_host, world.project_id)
    rules.load_rules((ROOT / "firestore.rules").read_text())
    return {
        "project": world.project_id,
        "api": world.url,
        "workspace": team,
        "board": board["id"],
        "lists": [each["id"] for each in lists],
        "people": [{"uid": each.uid, "token": each.token()} for each in people],
        "ids": ids,
    }


def dragged(
    world: World, board: dict[str, Any], suite: EmulatorSuite, moves: int
) -> dict[str, Any]:
    """Let everybody drag, and reactions follow; return what was found."""
    ids = board.pop("ids")
    with ThreadPoolExecutor(1) as apps:
        running = apps.submit(
            findings,
            "drags.mjs",
            firestore=suite.firestore_host,
            auth=suite.auth_host,
            cards=len(ids),
            moves=moves,
            timeout_s=1_800,
            **board,
        )
        while not running.done():
            world.services.sweep.run()  # It never gets quiet: more is written meanwhile.
            world.tasks.settle()
            with suppress(TimeoutError):
                running.result(timeout=2)
        found = running.result()
    world.settle()
    contents = f"/workspaces/{board['workspace']}/boards/{board['board']}/contents"
    shown = world.person("P0").get(contents).json()
    return found | {
        "ids": ids,
        "server": [
            [task["id"] for task in shown["tasks"] if task["listId"] == each]
            for each in board["lists"]
        ],
        "counters": [each["counters"]["openTasks"] for each in shown["lists"]],
    }


class TestDrags:
    """Ten apps on the real SDK under the rules, the API beside them, and reactions behind all."""

    def test_everybody_ends_with_the_same_order_and_every_card(
        self,
        world: World,
        board: dict[str, Any],
        suite: EmulatorSuite,
        request: pytest.FixtureRequest,
    ):
        """1,000 random drags each with `--long`, else 10; by the database, and by each screen."""
        moves = 1_000 if request.config.getoption("--long") else 10

        found = dragged(world, board, suite, moves)

        assert [found["server"]] * PEOPLE == found["orders"]
        assert sorted(found["ids"]) == sorted(chain.from_iterable(found["server"]))
        assert found["longest"] <= LONG_RANK
        assert [len(column) for column in found["server"]] == found["counters"]
        counts = {key: sum(each[key] for each in found["counts"]) for key in found["counts"][0]}
        assert PEOPLE * moves == sum(counts.values())
        assert counts["written"] > 0
        assert counts["byApi"] > 0
