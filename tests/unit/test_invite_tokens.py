"""Tokens of invitations: derived, so that none is stored, and nobody else can make one."""

import pytest

from backend.workspaces.invite_tokens import LONGEST_TOKEN, InviteRef, InviteTokens

SECRET = "for tests only, and long enough to be a secret"
TOKENS = InviteTokens(SECRET)
REF = InviteRef("Rm4cX8uJd1Fy7GoNe5Ki", TOKENS.invite_id("Rm4cX8uJd1Fy7GoNe5Ki", "bob@x.org"), 1)


class TestToken:
    """What stands behind the `#` of the link."""

    def test_it_is_derived_and_read_again(self):
        """Twice the same, and short enough for the API."""
        token = TOKENS.token(REF)

        assert token == InviteTokens(SECRET).token(REF)
        assert REF == TOKENS.read(token)
        assert len(TOKENS.token(REF._replace(workspace_id="w" * 128))) <= LONGEST_TOKEN

    @pytest.mark.parametrize(
        "other",
        [
            REF._replace(workspace_id="another"),
            REF._replace(invite_id="0" * 40),
            REF._replace(generation=2),
        ],
        ids=["workspace", "invitation", "generation"],
    )
    def test_it_is_good_for_one_sending(self, other: InviteRef):
        """The signature of one fits no other."""
        mac = TOKENS.token(REF).rpartition(".")[2]
        forged = f"{other.workspace_id}.{other.invite_id}.{other.generation}.{mac}"

        assert TOKENS.token(other) != forged
        assert None is TOKENS.read(forged)

    def test_any_other_character_spoils_it(self):
        """At every place."""
        token = TOKENS.token(REF)
        # The last character carries two bits that mean nothing: another spelling is refused, too.
        spoilt = [
            token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
            for at in range(len(token))
        ]

        assert {None} == {TOKENS.read(each) for each in spoilt}

    def test_another_secret_makes_others(self):
        """Whoever lacks ours makes none that we take."""
        theirs = InviteTokens("some other secret of thirty-two characters")

        assert None is TOKENS.read(theirs.token(REF))
        assert TOKENS.token_hash(REF) != theirs.token_hash(REF)

    @pytest.mark.parametrize(
        "text", ["", ".", "...", "a.b.c.d", "../x.y.1.z", "a" * 300, "ä", "a\n"], ids=repr
    )
    def test_what_has_not_its_form_is_none(self, text: str):
        """Never an error: it comes from anywhere."""
        assert None is TOKENS.read(text)


class TestId:
    """What an invitation is called."""

    def test_it_is_one_for_an_address_in_a_workspace(self):
        """Told from the address by nobody without the secret."""
        ids = {
            TOKENS.invite_id("w1", "bob@x.org"),
            TOKENS.invite_id("w1", "bob@x.org"),
            TOKENS.invite_id("w2", "bob@x.org"),
            TOKENS.invite_id("w1", "eve@x.org"),
            InviteTokens("some other secret of thirty-two characters").invite_id("w1", "bob@x.org"),
        }

        assert 4 == len(ids)
        assert {40} == {len(each) for each in ids}
