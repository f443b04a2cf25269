"""What every refusal over HTTP must look like: problem+json (RFC 9457), and the headers beside it."""

import re

CHALLENGES = {
    "MISSING_AUTH": 'Bearer error="invalid_request"',
    "INVALID_TOKEN": 'Bearer error="invalid_token"',
    "TOKEN_EXPIRED": 'Bearer error="invalid_token"',
    "MISSING_SESSION": 'Bearer error="invalid_token"',
    "SESSION_REVOKED": 'Bearer error="invalid_token"',
}
WITH_RETRY_AFTER = {"RATE_LIMITED", "STORE_UNAVAILABLE", "BACKEND_UNAVAILABLE", "OVERLOADED", "DRAINING"}


def assert_problem(answer, status, code, place=False):
    """Checks the whole answer, not only its code; returns the body."""
    body = answer.json()
    assert (answer.status, body["code"]) == (status, code), answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert body["status"] == status
    assert body["title"] and body["detail"] and re.fullmatch(r"[0-9A-Za-z._-]+", body["trace_id"])
    retried = {"retry_after_ms"} if code in WITH_RETRY_AFTER else set()
    if place:
        retried.add("place")
    assert set(body) == {"title", "status", "detail", "code", "trace_id"} | retried
    if retried:
        assert body.get("place", True) is True
        assert body["retry_after_ms"] > 0
        assert int(answer.headers["Retry-After"]) == -(-body["retry_after_ms"] // 1000), "seconds, rounded up"
    else:
        assert "Retry-After" not in answer.headers
    if status == 401:
        assert answer.headers["WWW-Authenticate"].startswith(CHALLENGES.get(code, "Bearer"))  # the backend's codes are its own
    else:
        assert "WWW-Authenticate" not in answer.headers
    assert ("Allow" in answer.headers) == (status == 405)
    return body
