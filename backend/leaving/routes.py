"""Leaving for good: `DELETE /users/me`, and the way back while there is one."""

from flask import Response

from backend.accounts.model import Account
from backend.accounts.schemas import AccountSchema
from backend.leaving import examples
from backend.leaving.model import StillOwner
from backend.leaving.schemas import OwnedTeamSchema
from backend.web.blueprint import ApiBlueprint
from backend.web.conditional import revision_tag
from backend.web.context import actor, services
from backend.web.limits import costs
from backend.web.problems import problem
from backend.web.requirements import recent_sign_in, registered_only

blueprint = ApiBlueprint(
    "leaving", __name__, url_prefix="/api/v1/users", description="Leaving for good."
)

ACCOUNT, TEAMS = AccountSchema(), OwnedTeamSchema(many=True)


@blueprint.delete("/me")
@costs(5)
@recent_sign_in
@registered_only
@blueprint.response(202, ACCOUNT, example=examples.LEAVING)
def erase_me() -> tuple[Account, int, dict[str, str]]:
    """
    Have the account and all that is the caller's erased in 7 days, at `eraseAt`.

    Until then everything works as before, and `POST /users/me:cancelErasure` calls it off; a letter
    says so. Asked again, the first instant stays. Who owns teams that others belong to gets 409
    `still-owner`, with the teams in `workspaces`: transfer or delete them first. Afterwards
    what others keep (tasks, comments) names nobody in the caller's place, and a signed receipt
    comes by mail. Guests, whose time is limited anyway, answer 403.
    """
    account = services().leaving.ask(actor())
    return account, 202, revision_tag(account.rev)


@blueprint.post("/me:cancelErasure")
@registered_only
@blueprint.response(200, ACCOUNT, example=examples.STAYING)
def cancel_erasure() -> tuple[Account, int, dict[str, str]]:
    """
    Stay.

    Answers with the account, also where no erasure was asked for. 409 `invalid-transition` where it
    has begun.
    """
    account = services().leaving.cancel(actor())
    return account, 200, revision_tag(account.rev)


@blueprint.errorhandler(StillOwner)
def answer_still_owner(error: StillOwner) -> Response:
    """Answer 409 with the teams, so that the app can ask what is to become of each."""
    return problem(409, error.code, error.detail, workspaces=TEAMS.dump(error.teams))
