"""Faults that a test injects into the answers, and rate limits."""

import asyncio
import json
import re
from collections import deque
from dataclasses import dataclass, field

from aiohttp import web

from tests.loopback.model import Json


@dataclass
class Fault:
    """An answer to give instead of the right one."""

    method: str
    pattern: re.Pattern[str]
    status: int
    body: Json | str
    headers: dict[str, str] = field(default_factory=dict)
    remaining: int = 1
    delay_seconds: float = 0.0

    def answer(self) -> web.Response:
        """Build the answer; text stands for an error that Discord itself did not write."""
        if isinstance(self.body, str):
            return web.Response(
                text=self.body, status=self.status, content_type="text/html", headers=self.headers
            )
        return json_response(self.body, self.status, self.headers)


@dataclass
class RateLimit:
    """So many requests in so much time, for each path by itself."""

    method: str
    pattern: re.Pattern[str]
    limit: int
    per_seconds: float
    times: dict[str, deque[float]] = field(default_factory=dict)

    def take(self, path: str) -> tuple[bool, dict[str, str]]:
        """Count a request; tell whether it may pass, and the headers that say what is left."""
        now = asyncio.get_running_loop().time()
        times = self.times.setdefault(path, deque())
        while times and times[0] <= now - self.per_seconds:
            times.popleft()
        passes = len(times) < self.limit
        if passes:
            times.append(now)
        reset_after = times[0] + self.per_seconds - now
        return passes, {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.limit - len(times)),
            "X-RateLimit-Reset-After": f"{reset_after:.3f}",
        }


class Faults:
    """The faults still to come and the limits in force."""

    def __init__(self) -> None:
        """Start with none."""
        self._faults: list[Fault] = []
        self._limits: list[RateLimit] = []

    def add(self, fault: Fault) -> None:
        """Inject a fault after those injected before."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Drop the faults still to come."""
        self._faults.clear()

    def limit(self, limit: RateLimit) -> None:
        """Put a limit in force."""
        self._limits.append(limit)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that a request meets, and count it."""
        for fault in self._faults:
            if _matches(fault, method, path):
                fault.remaining -= 1
                if not fault.remaining:
                    self._faults.remove(fault)
                return fault
        return None

    def limit_for(self, method: str, path: str) -> RateLimit | None:
        """Return the limit that a request is under."""
        return next((limit for limit in self._limits if _matches(limit, method, path)), None)


def _matches(rule: Fault | RateLimit, method: str, path: str) -> bool:
    return rule.method in ("*", method) and rule.pattern.search(path) is not None


def rate_limit_answer(
    retry_after_seconds: float, *, is_global: bool
) -> tuple[Json, dict[str, str]]:
    """Build the body and the headers of an answer 429."""
    headers = {
        "Retry-After": str(max(1, round(retry_after_seconds))),
        "X-RateLimit-Scope": "global" if is_global else "user",
    }
    if is_global:
        headers["X-RateLimit-Global"] = "true"
    body = {
        "message": "You are being rate limited.",
        "retry_after": retry_after_seconds,
        "global": is_global,
    }
    return body, headers


def json_response(
    body: object, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    """Answer with JSON and a content type without parameters, as Discord does."""
    named = {"Content-Type": "application/json"} | (headers or {})
    return web.Response(body=json.dumps(body).encode(), status=status, headers=named)
