"""Projects, boards, lists and labels: made, found, changed, archived, put elsewhere."""

import pytest

from tests.api.groups import KINDS, made, named, undo
from tests.api.world import World, cost_of

EVERY_KIND = pytest.mark.parametrize("kind", KINDS)
SHELVED = pytest.mark.parametrize("kind", ["projects", "boards", "lists"])


class TestCreate:
    """POST …/{kind}"""

    @EVERY_KIND
    def test_a_new_one_is_found_where_it_says(self, world: World, kind: str):
        """Its `Location` answers with the same, and so does the list."""
        ann = world.person("Ann")
        board = made(ann, "me", "boards")
        body = {"name": "Garden"} | ({"boardId": board["id"]} if kind == "lists" else {})

        answer = ann.post(f"/workspaces/me/{kind}", body)

        assert 201 == answer.status_code
        found = ann.get(answer.headers["Location"].removeprefix("/api/v1"))
        assert answer.json() == found.json()
        assert '"1"' == found.headers["ETag"]
        items = ann.get(f"/workspaces/me/{kind}").json()["items"]
        assert answer.json() in items

    @EVERY_KIND
    def test_they_stand_in_the_order_they_were_made_in(self, world: World, kind: str):
        """A new one goes to the end."""
        ann = world.person("Ann")
        board = made(ann, "me", "boards", name="0")["id"]
        for name in "1234":
            made(ann, "me", kind, name=name, **({"boardId": board} if kind == "lists" else {}))

        names = named(ann.get(f"/workspaces/me/{kind}"))

        assert ["1", "2", "3", "4"] == [name for name in names if name != "0"]

    def test_what_it_belongs_to_must_be_there(self, world: World):
        """In this workspace."""
        ann, bob = world.person("Ann"), world.person("Bob")
        bobs = made(bob, "me", "boards")["id"]
        wanted = [
            ("lists", {"name": "A", "boardId": bobs}, "/boardId"),
            ("boards", {"name": "A", "projectId": "nowhere"}, "/projectId"),
        ]

        answers = [ann.post(f"/workspaces/me/{kind}", body) for kind, body, _ in wanted]

        assert [422, 422] == [answer.status_code for answer in answers]
        assert [(pointer, "unknown-reference") for _, _, pointer in wanted] == [
            (fault["pointer"], fault["code"])
            for answer in answers
            for fault in answer.json()["errors"]
        ]

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("projects", {"name": " "}),
            ("projects", {"name": "A", "color": "red"}),
            ("projects", {"name": "A", "color": "#12345"}),
            ("projects", {"name": "A", "rank": "V!"}),
            ("projects", {"name": "A", "rank": "V" * 65}),
            ("projects", {"name": "A", "wipLimit": 3}),
            ("boards", {"name": "x" * 201}),
            ("lists", {"name": "A"}),
            ("lists", {"name": "A", "boardId": "a/b"}),
            ("lists", {"name": "A", "boardId": "b", "wipLimit": 0}),
            ("lists", {"name": "A", "boardId": "b", "wipLimit": "3"}),
            ("labels", {"name": "A", "counters": {}}),
        ],
        ids=str,
    )
    def test_what_the_rules_would_refuse(self, world: World, kind: str, body: dict):
        """Is refused here too."""
        assert 422 == world.person("Ann").post(f"/workspaces/me/{kind}", body).status_code


class TestList:
    """GET …/{kind}"""

    def test_boards_of_a_project_and_lists_of_a_board(self, world: World):
        """By their filters."""
        ann = world.person("Ann")
        project = made(ann, "me", "projects")["id"]
        first = made(ann, "me", "boards", name="first", projectId=project)["id"]
        second = made(ann, "me", "boards", name="second")["id"]
        made(ann, "me", "lists", name="of first", boardId=first)
        made(ann, "me", "lists", name="of second", boardId=second)

        boards = ann.get("/workspaces/me/boards", params={"projectId": project})
        lists = ann.get("/workspaces/me/lists", params={"boardId": second})

        assert (["first"], ["of second"]) == (named(boards), named(lists))

    def test_pages(self, world: World):
        """Each once, in order, whatever the size of a page."""
        ann = world.person("Ann")
        for number in range(5):
            made(ann, "me", "labels", name=str(number))
        names, token = [], None
        while not names or token:
            params = {"pageSize": 2} | ({"pageToken": token} if token else {})
            answer = ann.get("/workspaces/me/labels", params=params)
            names += named(answer)
            token = answer.json()["nextPageToken"]

        assert list("01234") == names


class TestChange:
    """PATCH …/{kind}/{id}"""

    @EVERY_KIND
    def test_a_change_counts_up_the_revision(self, world: World, kind: str):
        """And can be taken back; what changes nothing does not."""
        ann = world.person("Ann")
        path = f"/workspaces/me/{kind}/{made(ann, 'me', kind)['id']}"

        changed = ann.patch(path, {"name": "Shed"})
        again = ann.patch(path, {"name": "Shed"})
        undone = undo(ann, changed)

        assert ["Shed", "Shed"] == [changed.json()["name"], again.json()["name"]]
        assert [2, 2] == [changed.json()["rev"], again.json()["rev"]]
        assert "Undo-Token" not in again.headers
        assert 200 == undone.status_code, undone.text
        after = ann.get(path).json()
        assert ("Garden", 3) == (after["name"], after["rev"])

    @EVERY_KIND
    def test_a_stale_change_is_refused_with_the_present(self, world: World, kind: str):
        """412, and its tag."""
        ann = world.person("Ann")
        path = f"/workspaces/me/{kind}/{made(ann, 'me', kind)['id']}"
        ann.patch(path, {"name": "Shed"})

        answers = [
            ann.patch(path, {"name": "Barn"}, headers={"If-Match": '"1"'}),
            ann.post(f"{path}:move", {"rank": "A"}, headers={"If-Match": '"1"'}),
            ann.delete(path, headers={"If-Match": '"1"'}),
        ]

        assert [412] * 3 == [answer.status_code for answer in answers]
        assert ["Shed"] * 3 == [answer.json()["current"]["name"] for answer in answers]

    def test_a_board_changes_its_project(self, world: World):
        """To one that is there, or to none."""
        ann = world.person("Ann")
        project = made(ann, "me", "projects")["id"]
        path = f"/workspaces/me/boards/{made(ann, 'me', 'boards')['id']}"

        answers = [ann.patch(path, {"projectId": value}) for value in (project, "nowhere", None)]

        assert [200, 422, 200] == [answer.status_code for answer in answers]
        assert [project, None] == [answers[0].json()["projectId"], answers[2].json()["projectId"]]


class TestArchive:
    """POST and DELETE …/{kind}/{id}/archive"""

    @SHELVED
    def test_there_and_back(self, world: World, kind: str):
        """Out of the list into the archive; twice is once; undo takes it back."""
        ann = world.person("Ann")
        group = made(ann, "me", kind, name="Old")
        path = f"/workspaces/me/{kind}"

        archived = [ann.post(f"{path}/{group['id']}/archive") for _ in range(2)]
        live, archive = ann.get(path), ann.get(path, params={"archived": "true"})
        back = ann.delete(f"{path}/{group['id']}/archive")
        undone = undo(ann, back)

        assert [2, 2] == [answer.json()["rev"] for answer in archived]
        assert ([], ["Old"]) == (named(live), named(archive))
        assert None is back.json()["archivedAt"]
        assert 200 == undone.status_code
        assert ["Old"] == named(ann.get(path, params={"archived": "true"}))


class TestMove:
    """POST …/{kind}/{id}:move"""

    @EVERY_KIND
    def test_behind_before_between_and_to_the_end(self, world: World, kind: str):
        """One document is written."""
        ann = world.person("Ann")
        board = {"boardId": made(ann, "me", "boards")["id"]} if kind == "lists" else {}
        ids = {name: made(ann, "me", kind, name=name, **board)["id"] for name in "abcd"}
        path = f"/workspaces/me/{kind}"
        orders, costs = [], []
        for name, place in [
            ("a", {"after": ids["c"]}),
            ("d", {"before": ids["b"]}),
            ("c", {"after": ids["d"], "before": ids["b"]}),
            ("d", {}),
            ("b", {"rank": "0V"}),
        ]:
            answer = ann.post(f"{path}/{ids[name]}:move", place)
            assert answer.status_code == 200, answer.text
            costs.append(cost_of(answer)[2])
            orders.append("".join(named(ann.get(path))))

        assert ["bcad", "dbca", "dcba", "cbad", "bcad"] == [
            order.replace("Garden", "") for order in orders
        ]
        assert [1] * 5 == costs

    def test_a_list_stands_among_those_of_its_board(self, world: World):
        """Another board's is not beside it."""
        ann = world.person("Ann")
        here, there = made(ann, "me", "lists"), made(ann, "me", "lists")

        answer = ann.post(f"/workspaces/me/lists/{here['id']}:move", {"after": there["id"]})

        assert 422 == answer.status_code
        assert ["/after"] == [fault["pointer"] for fault in answer.json()["errors"]]

    def test_where_there_is_no_room_neighbours_move_too(self, world: World):
        """Apps gave two the same rank; what is put between them still gets there."""
        ann = world.person("Ann")
        ids = {
            name: made(ann, "me", "labels", name=name, rank=rank)["id"]
            for name, rank in {"a": "A", "b": "V", "c": "V", "d": "V", "e": "Z"}.items()
        }
        before = named(ann.get("/workspaces/me/labels"))
        first, second = before[1:3]

        answer = ann.post(
            f"/workspaces/me/labels/{ids['e']}:move", {"after": ids[first], "before": ids[second]}
        )
        order = named(ann.get("/workspaces/me/labels"))
        undone = undo(ann, answer)

        assert ["a", first, "e", second] == order[:4]
        assert 200 == undone.status_code
        assert before == named(ann.get("/workspaces/me/labels"))

    def test_two_at_the_same_gap_at_once(self, world: World, crowd):
        """Both get there; everybody sees one order."""
        ann = world.person("Ann")
        ids = {name: made(ann, "me", "labels", name=name)["id"] for name in "abcdefgh"}
        place = {"after": ids["a"], "before": ids["b"]}

        answers = list(
            crowd.map(
                lambda name: ann.post(f"/workspaces/me/labels/{ids[name]}:move", place), "cdefgh"
            )
        )
        orders = [named(ann.get("/workspaces/me/labels")) for _ in range(2)]

        assert [200] * 6 == [answer.status_code for answer in answers]
        assert orders[0] == orders[1]
        assert ("a", "b", set("cdefgh")) == (orders[0][0], orders[0][-1], set(orders[0][1:-1]))
