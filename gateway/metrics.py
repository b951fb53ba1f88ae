"""What Prometheus is told. Nothing in it names a user, a device, a partner or a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.contract.mutations import Status
from app.contract.version import RELEASE
from gateway import audit
from gateway.core import Gateway
from gateway.ingest.lanes import progress_of
from gateway.ingest.state import lanes
from gateway.ledger import State
from gateway.tables import dead_letter, hint, ledger

log = structlog.get_logger(__name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

#: Seconds; a poll without news takes a few milliseconds, a push at most ten seconds.
_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

_METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})


class _Timed(Protocol):
    def observe(self, amount: float) -> None: ...


class _Counted(Protocol):
    def inc(self, amount: float = 1) -> None: ...


class Metrics:
    """Counts what this process does, and looks at the database when it is asked."""

    def __init__(self, gateway: Gateway) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        requests = ("route", "method", "status")
        self._requests = Counter(
            "counterpart_requests", "Requests answered.", requests, registry=self._registry
        )
        self._seconds = Histogram(
            "counterpart_request_seconds",
            "Time from a request's head to the end of its answer; streams are left out.",
            ("route", "method"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._mutations = Counter(
            "counterpart_mutations", "Mutations answered.", ("outcome",), registry=self._registry
        )
        self._limited = Counter(
            "counterpart_limited", "Requests refused by a limit.", ("limit",), registry=self._registry
        )
        self._known: dict[tuple[str, str, int], tuple[_Counted, _Timed]] = {}
        for status in Status:
            self._mutations.labels(status.value)
        self._registry.register(_Standing(gateway))

    def request(self, route: str, method: str, status: int, seconds: float | None) -> None:
        """Count a request. `route`: its template, never its path. `seconds`: None for a stream."""
        key = (route, method if method in _METHODS else "other", status)
        known = self._known.get(key)
        if known is None:
            children = self._requests.labels(*map(str, key)), self._seconds.labels(*key[:2])
            known = self._known[key] = children
        known[0].inc()
        if seconds is not None:
            known[1].observe(seconds)

    def mutations(self, outcomes: Iterable[Status]) -> None:
        """Count mutations by what became of them."""
        for status in outcomes:
            self._mutations.labels(status.value).inc()

    def limited(self, limit: str) -> None:
        """Count a request that was refused by a limit."""
        self._limited.labels(limit).inc()

    @property
    def registry(self) -> CollectorRegistry:
        """What is told, for a server of its own."""
        return self._registry

    def text(self) -> bytes:
        """Return everything as Prometheus reads it."""
        return generate_latest(self._registry)


class _Standing(Collector):
    """How the gateway stands, read when it is asked for."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges. Without a database there are the process's own, and one that says so."""
        yield InfoMetricFamily("counterpart_build", "Which version this is.", value={"version": RELEASE})
        yield GaugeMetricFamily(
            "counterpart_event_streams", "Open streams of pokes.", value=self._gateway.listeners()
        )
        yield from self._pool()
        try:
            found = list(self._stored())
        except SQLAlchemyError as error:
            log.warning("database does not answer", error=type(error).__name__)
            found = []
        yield GaugeMetricFamily(
            "counterpart_database_up", "Whether the database answered just now.", value=bool(found)
        )
        yield from found

    def _pool(self) -> Iterator[Metric]:
        pool = self._gateway.ground.database.engine.pool
        states = {"in_use": getattr(pool, "checkedout", None), "idle": getattr(pool, "checkedin", None)}
        found = GaugeMetricFamily("counterpart_database_connections", "Connections.", labels=("state",))
        for state, count in states.items():
            if count is not None:
                found.add_metric((state,), count())
        yield found

    def _stored(self) -> Iterator[Metric]:
        gateway = self._gateway
        now = gateway.ground.clock.now()
        with gateway.ground.database.read() as connection:
            open_ones = select(func.count()).where(ledger.c.state == State.RECEIVED.value)
            counts = {
                "counterpart_ledger_open": ("Mutations received and not done.", open_ones),
                "counterpart_hints": (
                    "Rows that may have changed and are not read.",
                    select(func.count(hint.c.mark)),
                ),
                "counterpart_dead_letters": (
                    "Rows nobody understands.",
                    select(func.count(dead_letter.c.at)),
                ),
            }
            for name, (words, statement) in counts.items():
                yield GaugeMetricFamily(name, words, value=connection.execute(statement).scalar_one())
            yield GaugeMetricFamily(
                "counterpart_audit_entries", "Entries of the audit log.", value=audit.length(connection)
            )
            lag = GaugeMetricFamily(
                "counterpart_lane_lag_seconds",
                "How far a lane is behind; -1 where it has done nothing yet.",
                labels=("system", "lane"),
            )
            backlog = GaugeMetricFamily(
                "counterpart_lane_backlog", "What a lane has still to do.", labels=("system", "lane")
            )
            for state in lanes(connection, gateway.systems.with_journal):
                behind = state.lag(now)
                lag.add_metric(
                    (state.system, state.lane.value), -1.0 if behind is None else behind.total_seconds()
                )
                backlog.add_metric((state.system, state.lane.value), state.backlog)
            held = GaugeMetricFamily(
                "counterpart_held_records", "Records a sweep holds back.", labels=("system", "object")
            )
            for system in gateway.systems:
                for item in progress_of(connection, system):
                    held.add_metric((system.name, item.obj), item.held_missing)
            yield from (lag, backlog)
            yield held
        position = gateway.ground.feed.head()
        yield GaugeMetricFamily("counterpart_feed_position", "Last position of the feed.", value=position)
        read_age = GaugeMetricFamily(
            "counterpart_read_age_seconds",
            "Time since a source system was read completely; -1 for never.",
            labels=("system",),
        )
        for source in gateway.sources():
            read_age.add_metric((source.system,), _age(source.read_at, now))
        yield read_age


def _age(at: datetime | None, now: datetime) -> float:
    return -1.0 if at is None else (now - at).total_seconds()
