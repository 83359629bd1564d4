"""Taking a person out of fields: where somebody did something, and where somebody is listed."""

from backend.kit.people import people_in, without_person

TASK = {
    "title": "ann",
    "createdBy": "ann",
    "updatedBy": "bob",
    "assigneeIds": ["bob", "ann"],
    "inner": {
        "completedBy": "ann",
        "deep": [{"uid": "ann", "displayName": "Ann", "photoUrl": "x"}],
    },
    "people": ["ann", "bob"],
}


class TestPeopleIn:
    """Whom fields name."""

    def test_uids_are_found_at_any_depth(self):
        """By the names of their fields, never by what texts hold."""
        assert ["ann", "bob"] == people_in(TASK)
        assert [] == people_in({"title": "ann", "tags": ["ann"], "createdBy": None})

    def test_an_answer_without_json_names_nobody(self):
        """A 204 has no body."""
        assert [] == people_in({"": None})


class TestWithoutPerson:
    """What is left once somebody has left."""

    def test_a_stand_in_takes_the_place(self):
        """Who did it is somebody who is gone; lists go on without them, and so do names."""
        assert {
            "title": "ann",
            "createdBy": "erased",
            "updatedBy": "bob",
            "assigneeIds": ["bob"],
            "inner": {
                "completedBy": "erased",
                "deep": [{"uid": "erased", "displayName": "", "photoUrl": None}],
            },
            "people": ["bob"],
        } == without_person(TASK, "ann")

    def test_places_can_be_kept(self):
        """A history still shows that there were two."""
        left = without_person({"patch": {"assigneeIds": ["ann", "bob"]}}, "ann", keeps_places=True)

        assert {"patch": {"assigneeIds": ["erased", "bob"]}} == left

    def test_somebody_else_is_left_alone(self):
        """Nothing changes, whatever it is called."""
        assert TASK == without_person(TASK, "a")

    def test_what_is_no_list_of_uids_stays_what_it_is(self):
        """Apps may have written anything that a rule let through."""
        odd = {"assigneeIds": None, "watcherIds": 7, "createdBy": ["ann", 3, None]}

        assert {**odd, "createdBy": [3, None]} == without_person(odd, "ann")
