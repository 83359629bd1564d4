"""
`/admin/jobs`: pages on which admins see the platform's jobs, and act on them.

Made here, without script; every act is a form. What is done is what the API does.
"""

from collections.abc import Callable

from flask import Blueprint, Response, g, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from backend.admin.editing import form_of, wanted
from backend.admin.forms import form_token, page, sent_form
from backend.admin.page_sessions import SIGN_IN, ended
from backend.jobs.keeping import Keeper
from backend.jobs.model import Job
from backend.kit.errors import DataLoss, Fault, InvalidArgument, Stale, TaskFlowError
from backend.kit.errors import Unauthenticated as NotSignedIn
from backend.kit.pages import MAX_SIZE, Asked
from backend.web.catalogue import english
from backend.web.context import services, staff
from backend.web.limits import costs
from backend.web.problems import answer_unexpected
from backend.web.requirements import takes_form

JOBS = "/admin/jobs"
UPCOMING, RUNS = 5, 20

blueprint = Blueprint("console", __name__, url_prefix="/admin", template_folder="templates")


@blueprint.get("/jobs")
def show_jobs() -> Response:
    """List the platform's jobs with their next and last runs; and say how deliveries are."""
    found = services().jobs.page(_keeper(), _asked(MAX_SIZE))
    health = services().deliveries.health(staff())
    return _page(
        "jobs.html", "Jobs", jobs=found.items, next_page=found.next_page_token, health=health
    )


@blueprint.get("/jobs/<job_id>")
def show_job(job_id: str) -> Response:
    """Show a job, its next runs, those it had, and what can be changed of it."""
    return _job_page(services().jobs.get(_keeper(), job_id))


@blueprint.post("/jobs/<job_id>")
@costs(5)
@takes_form
def edit_job(job_id: str) -> AnyResponse:
    """Change a job, if nobody has changed it since the form was shown."""
    form, keeper = sent_form(), _keeper()
    job = services().jobs.get(keeper, job_id)
    try:
        changes, rev = wanted(form, job, services().ports.clock.now())
        services().jobs.edit(keeper, job_id, changes, expected_rev=rev)
    except Stale as error:
        return _job_page(job, form, (Fault("", error.code, error.detail),), status=409)
    except InvalidArgument as error:
        faults = error.faults or (Fault("", error.code, error.detail),)
        return _job_page(job, form, faults, status=422)
    return _back(job_id)


@blueprint.post("/jobs/<job_id>/<any(run,pause,resume):act>")
@costs(5)
@takes_form
def act_on_job(job_id: str, act: str) -> AnyResponse:
    """Run a job now, pause it, or let it run by its schedule again."""
    sent_form()
    ours = services()
    acts: dict[str, Callable[[Keeper, str], object]] = {
        "run": ours.job_triggering.run,
        "pause": ours.jobs.pause,
        "resume": ours.jobs.resume,
    }
    acts[act](_keeper(), job_id)
    return _back(job_id)


@blueprint.post("/jobs/<job_id>/runs/<run_id>/retry")
@costs(5)
@takes_form
def retry_run(job_id: str, run_id: str) -> AnyResponse:
    """Run a slot once more that ended badly."""
    sent_form()
    services().job_triggering.retry(_keeper(), job_id, run_id)
    return _back(job_id)


@blueprint.post("/sign-out")
@takes_form
def sign_out() -> AnyResponse:
    """End the session in this browser."""
    sent_form()
    return ended()


@blueprint.errorhandler(NotSignedIn)
def ask_to_sign_in(_error: NotSignedIn) -> AnyResponse:
    """Lead whoever is not signed in, or not any more, to where they can be."""
    return redirect(SIGN_IN, code=303)


@blueprint.errorhandler(TaskFlowError)
def explain(error: TaskFlowError) -> Response:
    """Say on a page what went wrong."""
    if isinstance(error, DataLoss):  # Nobody's mistake but ours.
        return answer_unexpected(error)
    known = english().problems[error.code]
    # Refused before it was clear who calls: then there is no session to sign out of.
    token = form_token() if "staff" in g else ""
    html = render_template(
        "console/problem.html", title=known.title, detail=error.detail, token=token
    )
    return page(html, status=known.status)


def _keeper() -> Keeper:
    return Keeper.of_platform(staff())


def _asked(size: int) -> Asked:
    return Asked(size, request.args.get("page"))


def _job_page(
    job: Job,
    form: object = None,
    faults: tuple[Fault, ...] = (),
    *,
    status: int = 200,
) -> Response:
    ours, keeper = services(), _keeper()
    runs = ours.jobs.runs(keeper, job.id, _asked(RUNS))
    return _page(
        "job.html",
        job.name,
        status=status,
        job=job,
        path=f"{JOBS}/{job.id}",
        upcoming=job.schedule.next(ours.ports.clock.now(), UPCOMING),
        runs=runs.items,
        next_page=runs.next_page_token,
        form=form or form_of(job),
        faults=faults,
    )


def _page(template: str, title: str, *, status: int = 200, **values: object) -> Response:
    html = render_template(f"console/{template}", title=title, token=form_token(), **values)
    return page(html, status=status)


def _back(job_id: str) -> AnyResponse:
    return redirect(f"{JOBS}/{job_id}", code=303)
