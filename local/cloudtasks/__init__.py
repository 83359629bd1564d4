"""
Google Cloud Tasks for this machine, spoken to by the unmodified `google-cloud-tasks` client.

In a test:

    with CloudTasksStandIn(data_dir=tmp_path, clock=clock, queues=[QUEUE]) as tasks:
        channel = grpc.insecure_channel(tasks.address)
        client = CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
        ...
        clock.advance(60)
        tasks.settle()  # Everything due has been delivered, and answered.

As a process: `python -m local.cloudtasks --queue projects/P/locations/L/queues/Q`.

Read from the outside in: `service` (gRPC) and `control` (HTTP) are the two ways in, `engine`
holds the use cases, `dispatcher` and `flights` deliver, `validation`, `backoff` and `faults`
are the rules, the `*_store` modules keep it all in SQLite, `stand_in` wires them together.

Where it differs from the real service:

- A request with a token may go to plain http, on this machine; the real service wants https.
- The service account of a token is not checked to exist, and nobody's permissions are checked.
- Not built, answered with UNIMPLEMENTED: App Engine tasks, OAuth tokens, a queue's http_target,
  ListQueues.filter, batches, IAM, CMEK, locations, operations.
- max_dispatches_per_second is kept and read back, not enforced; nor does a queue slow down after
  429 or 503, heed Retry-After or warm up. At most 64 requests are under way at once.
- The name of a task is blocked for one hour after its end (the documents say one hour in one
  place, up to 24 in another), that of a queue for three days. Purging takes effect at once.
- A number left at 0 in a retry config means "not given", as proto3 has it: for a task, the
  queue's value; for a queue, the default. min_backoff keeps its fractions of a second.
- After an attempt without any answer but a missed deadline (which is told as 504, as recorded
  from the real service), a retry is told of 503. What the real service tells is not known.
- Redirects are not followed: a 3xx is a failed attempt, as recorded from the real service.
- Error details (help links) are not attached; the messages are the real ones where known.
- Scripted faults live in memory, and end with the process.
"""

from local.cloudtasks.faults import Fault, FaultKind
from local.cloudtasks.model import RetryConfig
from local.cloudtasks.stand_in import CloudTasksStandIn

__all__ = ["CloudTasksStandIn", "Fault", "FaultKind", "RetryConfig"]
