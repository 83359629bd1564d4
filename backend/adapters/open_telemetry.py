"""
`Tracing` by OpenTelemetry, exported by OTLP over HTTP.

Imported only where it is switched on: see requirements-observability.txt.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace as otel
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from backend.adapters.tracing import Span, Work
from backend.kit.trace import Trace, within

EXPORT_TIMEOUT_S = 5
KINDS = {
    Work.REQUEST: otel.SpanKind.SERVER,
    Work.JOB: otel.SpanKind.CONSUMER,
    Work.TICK: otel.SpanKind.INTERNAL,
}


class OpenTelemetryTracing:
    """
    `Tracing` with a provider of its own, so that libraries' automatic spans stay out of it.

    Spans leave on a background thread. A collector that does not answer loses spans, nothing else.
    """

    def __init__(self, endpoint: str, *, release: str) -> None:
        resource = Resource.create({"service.name": "taskflow", "service.version": release})
        self._provider = TracerProvider(resource=resource)
        url = f"{endpoint.rstrip('/')}/v1/traces"
        exporter = OTLPSpanExporter(endpoint=url, timeout=EXPORT_TIMEOUT_S)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("taskflow")

    @contextmanager
    def span(self, name: str, work: Work, *, follows: Trace | None) -> Iterator[Span]:
        """Record a span below `follows`."""
        parent = otel.set_span_in_context(_remote(follows)) if follows else None
        # Exceptions are not recorded: their messages quote what people sent.
        with self._tracer.start_as_current_span(
            name,
            context=parent,
            kind=KINDS[work],
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            recorded = _Recorded(span)
            with within(recorded.trace):
                yield recorded

    def flush(self) -> None:
        """Send what has been recorded."""
        self._provider.force_flush(EXPORT_TIMEOUT_S * 1000)


class _Recorded:
    def __init__(self, span: otel.Span) -> None:
        self._span = span
        context = span.get_span_context()
        self.trace = Trace(
            trace_id=f"{context.trace_id:032x}",
            span_id=f"{context.span_id:016x}",
            is_sampled=context.trace_flags.sampled,
        )

    def describe(self, **attributes: str | int | float) -> None:
        for name, value in attributes.items():
            self._span.set_attribute(name.replace("__", "."), value)

    def failed(self, why: str) -> None:
        self._span.set_attribute("error.type", why)
        self._span.set_status(otel.StatusCode.ERROR)


def _remote(trace: Trace) -> otel.NonRecordingSpan:
    return otel.NonRecordingSpan(
        otel.SpanContext(
            trace_id=int(trace.trace_id, 16),
            span_id=int(trace.span_id, 16),
            is_remote=True,
            trace_flags=otel.TraceFlags(int(trace.is_sampled)),
        )
    )
