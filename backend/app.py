"""The Flask application: blueprints, who may call them, errors, limits and logs."""

from flask import Flask

from backend.accounts.routes import blueprint as accounts
from backend.activity.routes import blueprint as activity
from backend.admin.page_sessions import blueprint as console_door
from backend.admin.pages import blueprint as console
from backend.admin.routes import blueprint as admin
from backend.attachments.routes import blueprint as attachments
from backend.boards.board_routes import blueprint as boards
from backend.boards.label_routes import blueprint as labels
from backend.boards.list_routes import blueprint as lists
from backend.boards.project_routes import blueprint as projects
from backend.bootstrap import Services
from backend.broadcasts.routes import blueprint as broadcasts
from backend.bulk.routes import blueprint as bulk
from backend.comments.routes import blueprint as comments
from backend.credentials.routes import addresses, passwords
from backend.deliveries.routes import blueprint as deliveries
from backend.exporting.routes import blueprint as exporting
from backend.guests.routes import blueprint as guests
from backend.inbox.routes import blueprint as inbox
from backend.jobs.routes import blueprint as jobs
from backend.jobs.workspace_routes import blueprint as workspace_jobs
from backend.leaving.routes import blueprint as leaving
from backend.mailing.staff_routes import blueprint as suppressions
from backend.notifications.settings_routes import blueprint as notification_settings
from backend.notifications.unsubscribe_routes import blueprint as unsubscribing
from backend.operations.routes import blueprint as operations
from backend.recurrence.occurrence_routes import blueprint as occurrences
from backend.recurrence.preview_routes import blueprint as series_previews
from backend.recurrence.routes import blueprint as series
from backend.rehearsal.routes import blueprint as rehearsals
from backend.rehearsal.staff_routes import blueprint as platform_rehearsals
from backend.search.routes import blueprint as search
from backend.server.arrival import MAX_BODY_BYTES
from backend.statistics.routes import blueprint as statistics
from backend.tasks.copy_routes import blueprint as task_copies
from backend.tasks.history_routes import blueprint as task_history
from backend.tasks.move_routes import blueprint as task_moves
from backend.tasks.own_routes import blueprint as own_tasks
from backend.tasks.part_routes import blueprint as task_parts
from backend.tasks.routes import blueprint as tasks
from backend.tasks.snooze_routes import blueprint as task_snoozes
from backend.tasks.tree_routes import blueprint as task_relations
from backend.templating.routes import blueprint as templates
from backend.undo.routes import blueprint as undo
from backend.web import (
    auth,
    bodies,
    browsers,
    conditional,
    deadlines,
    limits,
    negotiation,
    problems,
    request_log,
)
from backend.web.auth import Caller
from backend.web.context import EXTENSION
from backend.web.error_pages import blueprint as error_pages
from backend.web.health import blueprint as health
from backend.web.internal import blueprint as internal
from backend.web.openapi.api import DescribedApi
from backend.web.paths import EmojiPart, PathPart
from backend.web.reference.pages import blueprint as reference
from backend.workspaces.invite_routes import blueprint as invites
from backend.workspaces.member_routes import blueprint as members
from backend.workspaces.routes import blueprint as workspaces

JOB_S = 25.0  # Less than the queue waits before it delivers a job again.

PUBLIC_API = (
    accounts,
    notification_settings,
    addresses,
    workspaces,
    members,
    invites,
    tasks,
    bulk,
    task_copies,
    attachments,
    task_parts,
    task_moves,
    task_snoozes,
    statistics,
    task_relations,
    own_tasks,
    search,
    task_history,
    activity,
    comments,
    projects,
    boards,
    lists,
    labels,
    series,
    series_previews,
    occurrences,
    inbox,
    operations,
    undo,
    workspace_jobs,
    rehearsals,
    leaving,
    exporting,
    guests,
)
STAFF_API = (
    admin,
    broadcasts,
    templates,
    deliveries,
    jobs,
    platform_rehearsals,
    suppressions,
)
CALLERS = {
    **{blueprint.name: Caller.PERSON for blueprint in PUBLIC_API},
    **{blueprint.name: Caller.STAFF for blueprint in STAFF_API},
    console.name: Caller.CONSOLE,
    console_door.name: Caller.ANYONE,
    passwords.name: Caller.APP,
    health.name: Caller.ANYONE,
    internal.name: Caller.QUEUE,
    error_pages.name: Caller.ANYONE,
    unsubscribing.name: Caller.ANYONE,
    reference.name: Caller.ANYONE,
    "api-docs": Caller.ANYONE,
}


def create_app(services: Services) -> Flask:
    """Return the application over the given services. Nothing is connected to yet."""
    app = Flask(__name__, static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.url_map.merge_slashes = False  # `//` is another address, not a redirect to this one.
    app.url_map.converters["default"] = PathPart
    app.url_map.converters["emoji"] = EmojiPart
    app.extensions[EXTENSION] = services
    # Each looks at a request in this order, and at its answer in the reverse order.
    request_log.install(app)
    deadlines.install(app, {internal.name: JOB_S})
    browsers.install(app, services.settings.cors_origins)
    negotiation.install(app)
    conditional.install(app)
    limits.install_by_address(app, services)
    bodies.install(app)
    auth.install(app, CALLERS)
    limits.install_by_person(app, services)
    bodies.install_gate(app)
    problems.install(app)
    api = DescribedApi(app)
    for blueprint in (*PUBLIC_API, passwords, *STAFF_API):
        api.register_blueprint(blueprint)
    for plain in (health, internal, error_pages, unsubscribing, console, console_door):
        app.register_blueprint(plain)
    if services.settings.api_docs:
        app.register_blueprint(reference)
    return app
