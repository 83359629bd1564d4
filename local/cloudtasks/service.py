"""google.cloud.tasks.v2.CloudTasks over gRPC, for the unmodified client."""

from __future__ import annotations  # grpc's handlers are generic in the stubs only.

import base64
import binascii
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.cloud import tasks_v2
from google.protobuf import empty_pb2

from local.cloudtasks import wire
from local.cloudtasks.engine import Engine
from local.cloudtasks.errors import ApiError, CannotStartError, Kind, invalid, not_built
from local.cloudtasks.faults import FaultBook
from local.cloudtasks.model import RetryConfig
from local.cloudtasks.ports import listening

SERVICE = "google.cloud.tasks.v2.CloudTasks"
MOST_TASKS, MOST_QUEUES = 1000, 9800
LIST_POSITION = re.compile(r"[0-9]{0,18}")  # An ordinal, or nothing for the beginning.

Handler = Callable[[Any], Any]


class CloudTasksService(grpc.GenericRpcHandler):  # type: ignore[type-arg]  # Only in the stubs.
    """Answers each method built here, and UNIMPLEMENTED by name for every other one."""

    def __init__(self, engine: Engine, *, retry_defaults: RetryConfig, faults: FaultBook) -> None:
        self._engine = engine
        self._faults = faults
        self._retry_defaults = retry_defaults
        v2 = tasks_v2
        self._methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "CreateTask": _method(self._create_task, v2.CreateTaskRequest, v2.Task),
            "GetTask": _method(self._get_task, v2.GetTaskRequest, v2.Task),
            "ListTasks": _method(self._list_tasks, v2.ListTasksRequest, v2.ListTasksResponse),
            "DeleteTask": _method(self._delete_task, v2.DeleteTaskRequest, None),
            "RunTask": _method(self._run_task, v2.RunTaskRequest, v2.Task),
            "CreateQueue": _method(self._create_queue, v2.CreateQueueRequest, v2.Queue),
            "UpdateQueue": _method(self._update_queue, v2.UpdateQueueRequest, v2.Queue),
            "GetQueue": _method(self._get_queue, v2.GetQueueRequest, v2.Queue),
            "ListQueues": _method(self._list_queues, v2.ListQueuesRequest, v2.ListQueuesResponse),
            "DeleteQueue": _method(self._delete_queue, v2.DeleteQueueRequest, None),
            "PurgeQueue": _method(self._purge_queue, v2.PurgeQueueRequest, v2.Queue),
            "PauseQueue": _method(self._pause_queue, v2.PauseQueueRequest, v2.Queue),
            "ResumeQueue": _method(self._resume_queue, v2.ResumeQueueRequest, v2.Queue),
        }

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[Any, Any]:
        """Find the handler of a call."""
        service, _, name = handler_call_details.method.strip("/").partition("/")
        built = self._methods.get(name) if service == SERVICE else None
        return built or _unbuilt(name if service == SERVICE else f"{service}.{name}")

    def _create_task(self, request: tasks_v2.CreateTaskRequest) -> tasks_v2.Task:
        task = self._engine.create_task(wire.draft_from(request))
        if self._faults.take_unanswered(task):
            raise ApiError(Kind.DEADLINE_EXCEEDED, "The answer was lost, as scripted.")
        return wire.task_message(task, view=request.response_view)

    def _get_task(self, request: tasks_v2.GetTaskRequest) -> tasks_v2.Task:
        return wire.task_message(self._engine.task(request.name), view=request.response_view)

    def _list_tasks(self, request: tasks_v2.ListTasksRequest) -> tasks_v2.ListTasksResponse:
        limit = _page_size(request.page_size, MOST_TASKS)
        after = _from_token(request.page_token)
        if not LIST_POSITION.fullmatch(after):
            raise invalid("The page_token is not valid.")
        found = self._engine.tasks(request.parent, after=int(after or 0), limit=limit + 1)
        shown = found[:limit]
        return tasks_v2.ListTasksResponse(
            tasks=[wire.task_message(task, view=request.response_view) for task in shown],
            next_page_token=_token(str(shown[-1].ordinal)) if len(found) > limit else "",
        )

    def _delete_task(self, request: tasks_v2.DeleteTaskRequest) -> empty_pb2.Empty:
        self._engine.delete_task(request.name)
        return empty_pb2.Empty()

    def _run_task(self, request: tasks_v2.RunTaskRequest) -> tasks_v2.Task:
        return wire.task_message(self._engine.run_task(request.name), view=request.response_view)

    def _create_queue(self, request: tasks_v2.CreateQueueRequest) -> tasks_v2.Queue:
        queue = wire.queue_from(request.queue, defaults=self._retry_defaults)
        return wire.queue_message(self._engine.create_queue(request.parent, queue))

    def _update_queue(self, request: tasks_v2.UpdateQueueRequest) -> tasks_v2.Queue:
        changed = self._engine.update_queue(
            request.queue.name,
            lambda queue: wire.changed_queue(
                queue, request.queue, request.update_mask, defaults=self._retry_defaults
            ),
        )
        return wire.queue_message(changed)

    def _get_queue(self, request: tasks_v2.GetQueueRequest) -> tasks_v2.Queue:
        return wire.queue_message(self._engine.queue(request.name))

    def _list_queues(self, request: tasks_v2.ListQueuesRequest) -> tasks_v2.ListQueuesResponse:
        if request.filter:
            raise not_built("ListQueues.filter")
        limit = _page_size(request.page_size, MOST_QUEUES)
        after = _from_token(request.page_token)
        found = self._engine.queues(request.parent, after=after, limit=limit + 1)
        shown = found[:limit]
        return tasks_v2.ListQueuesResponse(
            queues=[wire.queue_message(queue) for queue in shown],
            next_page_token=_token(shown[-1].name) if len(found) > limit else "",
        )

    def _delete_queue(self, request: tasks_v2.DeleteQueueRequest) -> empty_pb2.Empty:
        self._engine.delete_queue(request.name)
        return empty_pb2.Empty()

    def _purge_queue(self, request: tasks_v2.PurgeQueueRequest) -> tasks_v2.Queue:
        return wire.queue_message(self._engine.purge_queue(request.name))

    def _pause_queue(self, request: tasks_v2.PauseQueueRequest) -> tasks_v2.Queue:
        return wire.queue_message(self._engine.pause_queue(request.name))

    def _resume_queue(self, request: tasks_v2.ResumeQueueRequest) -> tasks_v2.Queue:
        return wire.queue_message(self._engine.resume_queue(request.name))


def serve(service: CloudTasksService, *, port: int) -> tuple[grpc.Server, int]:
    """
    Start a gRPC server on 127.0.0.1 and return it with its port (0 picks a free one).

    Raises:
        CannotStartError: something else listens there.
    """
    if port:  # gRPC reports a taken port on stderr, in its own words: look first.
        listening(port, what="gRPC").close()
    # Without so_reuseport=0 two servers share a port, and each sees half of the calls.
    server = grpc.server(ThreadPoolExecutor(max_workers=8), options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((service,))
    try:
        bound = server.add_insecure_port(f"127.0.0.1:{port}")
    except RuntimeError as error:
        raise CannotStartError(f"Port {port} (Cloud Tasks, gRPC) cannot be used.") from error
    server.start()
    return server, bound


def _method(handle: Handler, request: Any, response: Any) -> grpc.RpcMethodHandler[Any, Any]:
    def answer(message: Any, context: grpc.ServicerContext) -> Any:
        try:
            return handle(message)
        except ApiError as error:
            context.abort(grpc.StatusCode[error.kind.value], error.message)

    serialize = empty_pb2.Empty.SerializeToString if response is None else response.serialize
    return grpc.unary_unary_rpc_method_handler(
        answer, request_deserializer=request.deserialize, response_serializer=serialize
    )


def _unbuilt(name: str) -> grpc.RpcMethodHandler[Any, Any]:
    error = not_built(name)

    def answer(_message: Any, context: grpc.ServicerContext) -> Any:
        context.abort(grpc.StatusCode[error.kind.value], error.message)

    return grpc.unary_unary_rpc_method_handler(answer)


def _page_size(asked: int, most: int) -> int:
    if asked < 0:
        raise invalid("The page_size cannot be negative.")
    return min(asked or most, most)


def _token(position: str) -> str:
    return base64.urlsafe_b64encode(position.encode()).decode()


def _from_token(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise invalid("The page_token is not valid.") from error
