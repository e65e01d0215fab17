"""The REST API's front: tokens, faults, rate limits, refusals and their records."""

import asyncio
import hashlib
import time

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from tests.loopback.errors import DiscordError, no_such_route, unauthorized
from tests.loopback.faults import Faults, json_response, rate_limit_answer
from tests.loopback.model import RequestRecord
from tests.loopback.state import State

API_PREFIX = "/api/v10"
UNAUTHENTICATED = ("/webhooks/", "/interactions/")


class Front:
    """Stand before every route, and answer for what goes wrong behind it."""

    def __init__(self, state: State, faults: Faults) -> None:
        """Guard a state's routes."""
        self._state = state
        self._faults = faults
        self.crashes: list[BaseException] = []

    def middleware(self) -> Middleware:
        """Return the guard as aiohttp wants it."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            if "attachments/" in request.path and not request.path.startswith(API_PREFIX):
                return await self._answer_or_fail(request, handler)
            if not request.path.startswith(API_PREFIX):
                return await handler(request)
            return await self._answer(request, handler)

        return guard

    async def _answer_or_fail(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request for a file, or fail as a test has arranged."""
        fault = self._faults.take(request.method, request.path)
        if fault is not None:
            await asyncio.sleep(fault.delay_seconds)
            if fault.status:
                return fault.answer()
        return await handler(request)

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request, and record how."""
        path = request.path.removeprefix(API_PREFIX)
        code: int | None = None
        headers = _generous_headers(request)
        try:
            response = await self._answer_or_refuse(request, path, handler, headers)
        except DiscordError as error:
            code = error.code
            self._record(f"{request.method} {path}", error)
            response = json_response(error.body(), error.status)
        except web.HTTPException as error:
            refusal = (
                no_such_route()
                if error.status == 404
                else DiscordError(error.status, 0, str(error))
            )
            self._state.record_breach(f"{request.method} {path}", "UNKNOWN_ROUTE", refusal.message)
            response = json_response(refusal.body(), refusal.status)
        except Exception as crash:
            self.crashes.append(crash)
            response = json_response({"message": "500: Internal Server Error", "code": 0}, 500)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        self._state.requests.append(RequestRecord(request.method, path, response.status, code))
        self._state.changes.notify()
        return response

    async def _answer_or_refuse(
        self, request: web.Request, path: str, handler: Handler, headers: dict[str, str]
    ) -> web.StreamResponse:
        """Answer a request with a fault, a rate limit, or what its route says."""
        fault = self._faults.take(request.method, path)
        if fault is not None:
            await asyncio.sleep(fault.delay_seconds)
            if fault.status:
                return fault.answer()
        limit = self._faults.limit_for(request.method, path)
        if limit is not None:
            passes, left = limit.take(path)
            headers.update(left)
            if not passes:
                retry_after = float(left["X-RateLimit-Reset-After"])
                self._state.record_breach(
                    f"{request.method} {path}", "RATE_LIMIT", f"{retry_after} s early"
                )
                body, more = rate_limit_answer(retry_after, is_global=False)
                return json_response(body, 429, more)
        needs_token = not path.startswith(UNAUTHENTICATED) and path != "/gateway"
        if needs_token and request.headers.get("Authorization") != f"Bot {self._state.token}":
            raise unauthorized()
        return await handler(request)

    def _record(self, route: str, error: DiscordError) -> None:
        """Record the rules that a refused request broke."""
        for form_error in [] if error.is_misfortune else error.form_errors:
            detail = f"{form_error.path}: {form_error.message}"
            self._state.record_breach(route, form_error.code, detail)
        if error.rule is not None:
            self._state.record_breach(route, error.rule, error.message)


def _generous_headers(request: web.Request) -> dict[str, str]:
    """Build the headers of a rate limit that is never met."""
    resource = request.match_info.route.resource
    name = f"{request.method} {resource.canonical if resource else request.path}"
    return {
        "Via": "1.1 loopback",
        "X-RateLimit-Bucket": hashlib.sha256(name.encode()).hexdigest()[:32],
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "49",
        "X-RateLimit-Reset": f"{time.time() + 1:.3f}",
        "X-RateLimit-Reset-After": "1.000",
    }
