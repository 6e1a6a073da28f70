"""What the service counts, for Prometheus. No id of anything is ever a label."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from api.errors import OURS

MEDIA_TYPE = CONTENT_TYPE_LATEST

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))

Read = Callable[[], Mapping[str, float]]


class Metrics:
    """The figures of one application; several may live in one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "yilian_http_requests",
            "Requests answered",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._durations = Histogram(
            "yilian_http_request_duration_seconds",
            "From the first byte of a request to the last of its answer",
            ("method", "route"),
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self.in_progress = Gauge(
            "yilian_http_requests_in_progress",
            "Requests being answered",
            registry=self._registry,
        )
        self._watched: dict[str, Collector] = {}
        ProcessCollector(registry=self._registry)

    def under_way(self) -> float:
        """How many requests are being answered."""
        return next(iter(self.in_progress.collect())).samples[0].value

    def answered(self, method: str, route: str, status: int, duration_s: float) -> None:
        """Counts one request.

        Args:
            method: HTTP method; anybody may invent one, those end up as ``other``.
            route: Template of the path, such as ``/v1/needs/{need_id}``.
            status: Of the answer.
            duration_s: How long it took.
        """
        known = method if method in _METHODS else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._durations.labels(known, route).observe(duration_s)

    def watch(self, name: str, words: str, read: Read, *, label: str | None = None) -> None:
        """Adds a figure that is looked up at every scrape; one of the same name goes.

        Args:
            name: Of the metric.
            words: What it says, in English.
            read: The values by label, under ``""`` where there is no label. While it fails
                with an error of ours the figure is absent, and the others are still there.
            label: Name of the label; None for a single value.
        """
        if name in self._watched:
            self._registry.unregister(self._watched[name])
        self._watched[name] = _Watched(name, words, read, label)
        self._registry.register(self._watched[name])

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry)


class _Watched(Collector):
    def __init__(self, name: str, words: str, read: Read, label: str | None) -> None:
        self._family = (name, words, read, (label,) if label else ())

    def describe(self) -> Iterator[GaugeMetricFamily]:
        name, words, _, labels = self._family
        yield GaugeMetricFamily(name, words, labels=labels)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        name, words, read, labels = self._family
        family = GaugeMetricFamily(name, words, labels=labels)
        try:
            values = read()
        except OURS:
            return
        for label, value in values.items():
            family.add_metric((label,) if labels else (), value)
        yield family
