"""Which JWTs are taken, which are refused and as what; guests and their renewal; what revocation does to tokens."""

import base64
import json
import re
import signal
import subprocess
import time

import pytest

from gateway import b64url, make_jwt, wait_until
from problem import assert_problem
from program import write_file
from websocket import connect

NOW = int(time.time())
MINUTE, HOUR, DAY = 60, 3600, 86400


def post(gateway, path, headers=None, body=None):
    return gateway.request("POST", path, headers, body)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


# ---- JWTs ----


def unsigned(claims, algorithm="none", signature=""):
    head = b64url(b'{"alg":"%s","typ":"JWT"}' % algorithm.encode())
    return f"{head}.{make_jwt(claims).split('.')[1]}.{signature}"


def without_signature(token):
    return token.rsplit(".", 1)[0] + "."


def flipped(token):
    head, body, signature = token.split(".")
    return f"{head}.{body}.{'B' if signature[0] != 'B' else 'C'}{signature[1:]}"


# What the token is -> how it is made, and the code.
TOKENS = {
    "not a token": (lambda g: "nonsense", "INVALID_TOKEN"),
    "two parts": (lambda g: g.token().rsplit(".", 1)[0], "INVALID_TOKEN"),
    "four parts": (lambda g: g.token() + ".e30", "INVALID_TOKEN"),
    "algorithm none": (lambda g: unsigned(g.claims()), "INVALID_TOKEN"),
    "algorithm None with a signature": (lambda g: unsigned(g.claims(), "None", "AAAA"), "INVALID_TOKEN"),
    "another algorithm of the same family": (
        lambda g: make_jwt(g.claims(), header={"alg": "HS512", "typ": "JWT"}), "INVALID_TOKEN"),
    "a public key's algorithm": (
        lambda g: make_jwt(g.claims(), header={"alg": "RS256", "typ": "JWT"}), "INVALID_TOKEN"),
    "an algorithm in lower case": (
        lambda g: make_jwt(g.claims(), header={"alg": "hs256", "typ": "JWT"}), "INVALID_TOKEN"),
    "a critical extension": (
        lambda g: make_jwt(g.claims(), header={"alg": "HS256", "crit": ["exp"]}), "INVALID_TOKEN"),
    "a key of its own": (
        lambda g: make_jwt(g.claims(), header={"alg": "HS256", "jwk": {"kty": "oct", "k": "AA"}}), "INVALID_TOKEN"),
    "another secret": (lambda g: make_jwt(g.claims(), secret="x" * 48), "INVALID_TOKEN"),
    "a flipped signature": (lambda g: flipped(g.token()), "INVALID_TOKEN"),
    "no signature": (lambda g: without_signature(g.token()), "INVALID_TOKEN"),
    "padding": (lambda g: g.token() + "=", "INVALID_TOKEN"),
    "over 8 KiB": (lambda g: g.token(pad="a" * 8192), "INVALID_TOKEN"),
    "over 16 KiB": (lambda g: g.token(pad="a" * 16384), None),  # does not fit the header either
    "no exp": (lambda g: g.token(exp=None), "INVALID_TOKEN"),
    "exp as a string": (lambda g: g.token(exp=str(NOW + HOUR)), "INVALID_TOKEN"),
    "exp as true": (lambda g: g.token(exp=True), "INVALID_TOKEN"),
    "exp in milliseconds": (lambda g: g.token(exp=(NOW + HOUR) * 1000), "INVALID_TOKEN"),
    "negative exp": (lambda g: g.token(exp=-1), "INVALID_TOKEN"),
    "nbf in an hour": (lambda g: g.token(nbf=NOW + HOUR), "INVALID_TOKEN"),
    "nbf as a string": (lambda g: g.token(nbf="0"), "INVALID_TOKEN"),
    "iat as a string": (lambda g: g.token(iat=str(NOW)), "INVALID_TOKEN"),
    "the type of a logout token": (
        lambda g: make_jwt(g.claims(), header={"alg": "HS256", "typ": "logout+jwt"}), "INVALID_TOKEN"),
    "a session that is a number": (lambda g: g.token(sessionId=7), "INVALID_TOKEN"),
    "a session that is null": (lambda g: make_jwt({**g.claims(), "sessionId": None}), "INVALID_TOKEN"),
    "a session that is a number, beside a good sid": (lambda g: g.token(sessionId=7, sid="s"), "INVALID_TOKEN"),
    "a sid that is a number": (lambda g: g.token(sessionId=None, sid=7), "INVALID_TOKEN"),
    "a session with a line end": (lambda g: g.token(sessionId="a\nb"), "INVALID_TOKEN"),
    "a user that is a list": (lambda g: g.token(sub=["ada"]), "INVALID_TOKEN"),
    "a jti that is a number": (lambda g: g.token(jti=1), "INVALID_TOKEN"),
    "channels that are a number": (lambda g: g.token(channels=42), "INVALID_TOKEN"),
    "a channel that is a number": (lambda g: g.token(channels=[1]), "INVALID_TOKEN"),
    "expired an hour ago": (lambda g: g.token(exp=NOW - HOUR), "TOKEN_EXPIRED"),
    "expired, beyond the leeway": (lambda g: g.token(exp=int(time.time()) - 31), "TOKEN_EXPIRED"),
    "expired, and without a session": (lambda g: g.token(exp=NOW - HOUR, sessionId=None), "TOKEN_EXPIRED"),
    "no session": (lambda g: g.token(sessionId=None), "MISSING_SESSION"),
    "an empty session": (lambda g: g.token(sessionId=""), "MISSING_SESSION"),
    "an empty session beside a good sid": (lambda g: g.token(sessionId="", sid="s1"), "MISSING_SESSION"),
    "an empty sid": (lambda g: g.token(sessionId=None, sid=""), "MISSING_SESSION"),
}


@pytest.mark.parametrize("make, code", TOKENS.values(), ids=TOKENS)
def test_no_ticket_for_a_token_that_is_or_has(gateway, make, code):
    answer = post(gateway, "/auth/ticket", bearer(make(gateway)))
    if code is None:
        assert_problem(answer, 431, "HEADERS_TOO_LARGE")
    else:
        assert_problem(answer, 401, code)


GOOD_TOKENS = {
    "sid where the session claim is absent": (dict(sessionId=None, sid="from-sid"), "from-sid"),
    "a sid beside the session claim, which wins": (dict(sessionId="configured", sid="from-sid"), "configured"),
    "expired within the leeway": (dict(sessionId="late", exp=NOW - 5), "late"),
    "not yet valid, but within the leeway": (dict(sessionId="early", nbf=NOW + 15), "early"),
    "issued in a minute": (dict(sessionId="ahead", iat=NOW + MINUTE), "ahead"),
    "issued in a year, in milliseconds": (dict(sessionId="far", iat=(NOW + 365 * DAY) * 1000), "far"),
    "issued with a fraction": (dict(sessionId="half", iat=NOW - 0.5, nbf=NOW - 0.5), "half"),
    ".NET's earliest date as nbf and iat": (dict(sessionId="net", nbf=-62135596800, iat=-62135596800), "net"),
    "an exp with a fraction": (dict(sessionId="fraction", exp=NOW + HOUR + 0.5), "fraction"),
    "an issuer and audience that nobody asked for": (dict(sessionId="free", iss="x", aud=["y"]), "free"),
}


@pytest.mark.parametrize("claims, session", GOOD_TOKENS.values(), ids=GOOD_TOKENS)
def test_a_ticket_for_a_token_with(gateway, claims, session):
    claims = dict(claims)
    if session == "late":
        claims["exp"] = int(time.time()) - 5
    ws = connect(gateway, gateway.ticket(**claims))
    assert ws.connected["session"] == session
    ws.close()


@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "application/at+jwt", "Application/AT+JWT", "application/jwt"])
def test_the_type_of_an_access_token_is_a_media_type(gateway, typ):
    token = make_jwt(gateway.claims(), header={"alg": "HS256", "typ": typ, "x5t": "AAAA", "cty": "json"})
    assert gateway.ask_ticket(token).status == 200


def signed_by(key, header, claims, *options):
    """A token whose signature the openssl command makes."""
    signed = f"{b64url(json.dumps(header).encode())}.{b64url(json.dumps(claims).encode())}"
    (key.parent / "input").write_bytes(signed.encode())
    done = subprocess.run(["openssl", *options, key.parent / "input"], capture_output=True, check=True)
    return f"{signed}.{b64url(done.stdout)}"


def test_one_public_key_serves_all_configured_algorithms_that_fit_it(start_gateway, tmp_path):
    private, public = tmp_path / "rsa.pem", tmp_path / "rsa.pub"
    subprocess.run(["openssl", "genrsa", "-out", private, "2048"], check=True, capture_output=True)
    subprocess.run(["openssl", "rsa", "-in", private, "-pubout", "-out", public], check=True, capture_output=True)
    der = subprocess.run(["openssl", "rsa", "-in", private, "-noout", "-modulus"], check=True, capture_output=True)
    modulus = bytes.fromhex(der.stdout.decode().strip().split("=")[1])
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [{"kty": "RSA", "kid": "k", "e": "AQAB",
                                                              "n": b64url(modulus)}]}))
    claims = {"sessionId": "s1", "iss": "https://id.example", "aud": "app", "exp": NOW + HOUR}
    pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
    for source in ({"public_key_file": str(public)}, {"jwks_file": str(tmp_path / "jwks.json")}):
        gateway = start_gateway({"jwt": {"secret_file": None, "issuer": "https://id.example", "audience": "app",
                                         "algorithms": ["RS256", "PS256"], **source}, "guest": {"enabled": False}})
        for algorithm, digest, options, status in [("RS256", "-sha256", [], 200), ("PS256", "-sha256", pss, 200),
                                                   ("RS384", "-sha384", [], 401), ("PS256", "-sha256", [], 401)]:
            token = signed_by(private, {"alg": algorithm, "kid": "k"}, claims, "dgst", digest, "-sign", private, *options)
            assert gateway.ask_ticket(token).status == status, (source, algorithm, options)


@pytest.mark.parametrize("name", ["EdDSA", "Ed25519"])
def test_ed25519_has_two_names(start_gateway, tmp_path, name):
    private, public = tmp_path / "ed.pem", tmp_path / "ed.pub"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True, capture_output=True)
    der = subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-outform", "DER"], check=True,
                         capture_output=True)
    key = {"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": b64url(der.stdout[-32:]), "alg": name}
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [key]}))
    gateway = start_gateway({"jwt": {"secret_file": None, "issuer": "https://id.example", "audience": "app",
                                     "algorithms": [name], "jwks_file": str(tmp_path / "jwks.json")},
                             "guest": {"enabled": False}})
    claims = {"sessionId": "s1", "iss": "https://id.example", "aud": "app", "exp": NOW + HOUR}
    for header in ("EdDSA", "Ed25519"):
        token = signed_by(private, {"alg": header, "kid": "k"}, claims, "pkeyutl", "-sign", "-rawin", "-inkey", private,
                          "-in")
        assert gateway.ask_ticket(token).status == 200, header


def test_the_session_claim_can_have_another_name_and_then_sessionid_means_nothing(start_gateway):
    gateway = start_gateway({"jwt": {"session_claim": "session"}})
    ws = connect(gateway, gateway.ticket(session="mine", sessionId="other", sid="third"))
    assert ws.connected["session"] == "mine"
    ws.close()
    assert_problem(gateway.ask_ticket(sessionId="other"), 401, "MISSING_SESSION")


def test_the_leeway_is_configurable(start_gateway):
    gateway = start_gateway({"jwt": {"leeway": "0s"}})
    assert_problem(gateway.ask_ticket(exp=int(time.time()) - 1), 401, "TOKEN_EXPIRED")
    assert_problem(gateway.ask_ticket(nbf=int(time.time()) + 5), 401, "INVALID_TOKEN")


# ---- public keys ----


def make_key_pair(folder):
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", folder / "issuer.key"], check=True)
    subprocess.run(["openssl", "pkey", "-in", folder / "issuer.key", "-pubout", "-out", folder / "issuer.pem"],
                   check=True)

    def sign(claims):
        body = make_jwt(claims, header={"alg": "EdDSA", "typ": "JWT"}).rsplit(".", 1)[0]
        (folder / "input").write_text(body)
        signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", folder / "issuer.key",
                                    "-in", folder / "input"], check=True, capture_output=True).stdout
        return f"{body}.{b64url(signature)}"

    return str(folder / "issuer.pem"), sign


def test_with_a_public_key_issuer_and_audience_must_fit(start_gateway, tmp_path):
    public_key, sign = make_key_pair(tmp_path)
    gateway = start_gateway({"jwt": {"secret_file": None, "public_key_file": public_key, "issuer": "https://id.example",
                                     "audience": "app"}, "guest": {"enabled": False}})
    good = gateway.claims(iss="https://id.example", aud="app")
    table = {
        "one audience": (good, 200),
        "one of several audiences": ({**good, "aud": ["other", "app"]}, 200),
        "another issuer": ({**good, "iss": "https://evil.example"}, 401),
        "an issuer with a slash more": ({**good, "iss": "https://id.example/"}, 401),
        "no issuer": ({k: v for k, v in good.items() if k != "iss"}, 401),
        "another audience": ({**good, "aud": "ap"}, 401),
        "no audience": ({k: v for k, v in good.items() if k != "aud"}, 401),
        "an audience that is a number": ({**good, "aud": 1}, 401),
    }
    for name, (claims, status) in table.items():
        answer = post(gateway, "/auth/ticket", bearer(sign(claims)))
        assert answer.status == status, name
        if status == 401:
            assert_problem(answer, 401, "INVALID_TOKEN")
    confused = make_jwt(good, secret=open(public_key).read())
    assert_problem(post(gateway, "/auth/ticket", bearer(confused)), 401, "INVALID_TOKEN")


# ---- guests ----


def guest_token(gateway, age, life=DAY, **over):
    """A guest's token as the gateway would have made it `age` seconds ago."""
    born = int(time.time()) - age
    claims = {"iss": "usher", "guest": True, "sessionId": "sess_old", "born": born, "iat": born, "exp": born + life}
    return make_jwt({k: v for k, v in {**claims, **over}.items() if v is not None})


def test_a_new_guest_gets_a_session_and_a_token_for_it(gateway):
    answer = post(gateway, "/auth/token")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert set(body) == {"token", "session_id", "expires_in"}
    assert re.fullmatch(r"sess_[0-9a-f]{32}", body["session_id"])
    assert body["expires_in"] == DAY
    assert body["session_id"] != gateway.guest()["session_id"]


def test_a_ticket_is_32_lowercase_hex_digits_for_30_seconds(gateway):
    answer = gateway.ask_ticket()
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json()) == {"ticket", "expires_in"}
    assert re.fullmatch(r"[0-9a-f]{32}", answer.json()["ticket"])
    assert answer.json()["expires_in"] == 30


RENEWED = {
    "a young one": dict(age=HOUR),
    "one that expired an hour ago": dict(age=DAY + HOUR),
    "one at the end of the renewal window": dict(age=DAY + 720 * HOUR - MINUTE),
    "one without born, whose iat counts": dict(age=HOUR, born=None),
}


@pytest.mark.parametrize("old", RENEWED.values(), ids=RENEWED)
def test_a_guests_token_is_renewed_for_the_same_session(gateway, old):
    answer = post(gateway, "/auth/token", bearer(guest_token(gateway, **old)))
    assert answer.status == 200, answer
    assert answer.json()["session_id"] == "sess_old"
    assert post(gateway, "/auth/ticket", bearer(answer.json()["token"])).status == 200


def test_a_guests_session_ends_at_session_max_however_often_it_is_renewed(gateway):
    almost = 8760 * HOUR - HOUR
    token = guest_token(gateway, age=almost, iat=NOW - HOUR, exp=NOW + HOUR)
    answer = post(gateway, "/auth/token", bearer(token))
    assert HOUR - MINUTE < answer.json()["expires_in"] <= HOUR


NOT_RENEWED = {
    "one beyond the renewal window": (lambda g: guest_token(g, age=DAY + 720 * HOUR + MINUTE), "TOKEN_EXPIRED"),
    "one whose session is over": (
        lambda g: guest_token(g, age=8761 * HOUR, iat=NOW - HOUR, exp=NOW + HOUR), "TOKEN_EXPIRED"),
    "one that is not a guest's": (lambda g: g.token(), "INVALID_TOKEN"),
    "one that says guest but not usher": (lambda g: g.token(guest=True), "INVALID_TOKEN"),
    "one that says usher but not guest": (lambda g: g.token(iss="usher"), "INVALID_TOKEN"),
    "an expired one that is not a guest's": (lambda g: g.token(exp=NOW - HOUR), "TOKEN_EXPIRED"),
    "one signed by somebody else": (lambda g: make_jwt(g.claims(iss="usher", guest=True), "x" * 40), "INVALID_TOKEN"),
    "one without a session": (lambda g: guest_token(g, age=HOUR, sessionId=None), "MISSING_SESSION"),
    "one that is no token": (lambda g: "nonsense", "INVALID_TOKEN"),
}


@pytest.mark.parametrize("make, code", NOT_RENEWED.values(), ids=NOT_RENEWED)
def test_renewal_is_refused_for(gateway, make, code):
    assert_problem(post(gateway, "/auth/token", bearer(make(gateway))), 401, code)


def test_an_expired_guests_token_gets_no_ticket_only_a_new_token(gateway):
    assert_problem(post(gateway, "/auth/ticket", bearer(guest_token(gateway, age=DAY + HOUR))), 401, "TOKEN_EXPIRED")


def test_without_guests_nobody_gets_a_token(start_gateway):
    gateway = start_gateway({"guest": {"enabled": False}})
    assert_problem(post(gateway, "/auth/token"), 403, "GUESTS_DISABLED")
    assert_problem(post(gateway, "/auth/token", bearer("nonsense")), 403, "GUESTS_DISABLED")


def test_with_a_guest_secret_of_its_own_neither_key_signs_for_the_other(start_gateway, tmp_path):
    secret = tmp_path / "guest.secret"
    secret.write_text("the guests' own secret of more than 32 bytes")
    secret.chmod(0o600)
    gateway = start_gateway({"guest": {"secret_file": str(secret)}})
    guest = gateway.guest()["token"]
    assert post(gateway, "/auth/ticket", bearer(guest)).status == 200
    assert post(gateway, "/auth/token", bearer(guest)).status == 200
    assert_problem(post(gateway, "/auth/token", bearer(guest_token(gateway, age=HOUR))), 401, "INVALID_TOKEN")
    forged = make_jwt(gateway.claims(), secret="the guests' own secret of more than 32 bytes")
    assert_problem(post(gateway, "/auth/ticket", bearer(forged)), 401, "INVALID_TOKEN")


# ---- revocation ----


@pytest.mark.parametrize("by", ["session", "user", "jti"])
def test_what_was_revoked_gets_no_ticket_and_is_told_so(gateway, by):
    claims = dict(sessionId="revoked-s", sub="revoked-u", jti="revoked-j")
    only = {"session": dict(claims, sub="u2", jti="j2"), "user": dict(claims, sessionId="s3", jti="j3"),
            "jti": dict(claims, sessionId="s4", sub="u4")}[by]
    token = gateway.token(**only)
    assert post(gateway, "/auth/ticket", bearer(token)).status == 200
    named = {"session": "sessionId", "user": "sub", "jti": "jti"}[by]
    assert gateway.api("revoke", {by: only[named]}) == {"result": {}}
    assert_problem(post(gateway, "/auth/ticket", bearer(token)), 401, "SESSION_REVOKED")


def test_a_revoked_user_can_log_in_again(start_gateway):
    gateway = start_gateway()  # one that has seen no token from the future: it would take its issuer to be ahead
    assert gateway.api("revoke", {"user": "again"}) == {"result": {}}
    assert_problem(gateway.ask_ticket(sessionId="a1", sub="again"), 401, "SESSION_REVOKED")
    assert_problem(gateway.ask_ticket(sessionId="a1", sub="again", iat=None), 401, "SESSION_REVOKED")
    assert gateway.ask_ticket(sessionId="a1", sub="again", iat=int(time.time()) + 2).status == 200


def test_a_revocation_holds_for_its_ttl_and_the_leeway(start_gateway):
    gateway = start_gateway({"jwt": {"leeway": "2s"}})
    assert gateway.api("revoke", {"session": "brief", "ttl": 1}) == {"result": {}}
    assert_problem(gateway.ask_ticket(sessionId="brief"), 401, "SESSION_REVOKED")
    wait_until(lambda: gateway.ask_ticket(sessionId="brief").status == 200, "the revocation to end")


def test_a_revoked_token_is_not_good_again_while_its_leeway_lasts(start_gateway):
    gateway = start_gateway({"jwt": {"leeway": "3s"}})
    token = gateway.token(jti="j1", exp=int(time.time()) + 1)
    assert gateway.ask_ticket(token).status == 200
    assert gateway.api("revoke", {"jti": "j1", "ttl": 1}) == {"result": {}}
    codes = set()

    def expired():
        codes.add(gateway.ask_ticket(token).json().get("code", "good again"))
        return "TOKEN_EXPIRED" in codes
    wait_until(expired, "the token's end")
    assert codes == {"SESSION_REVOKED", "TOKEN_EXPIRED"}


def test_a_connection_is_closed_by_each_token_that_it_had(gateway):
    for revoked in "first", "second":
        names = [f"{name} of {revoked}" for name in ("first", "second")]
        ws = connect(gateway, gateway.ticket(jti=names[0], sessionId=revoked))
        ws.send({"id": 1, "refresh": {"token": gateway.ticket(jti=names[1], sessionId=revoked)}})
        assert "refresh" in ws.read_reply(1)
        assert gateway.api("revoke", {"jti": f"{revoked} of {revoked}"}) == {"result": {}}
        assert ws.read_close() == (3520, "SESSION_REVOKED")


def test_an_issuer_ahead_keeps_no_revoked_user_in(start_gateway):
    gateway = start_gateway({})
    ahead = gateway.token(sub="ahead", iat=int(time.time()) + 20)
    assert gateway.ask_ticket(ahead).status == 200
    assert gateway.api("revoke", {"user": "ahead"}) == {"result": {}}
    assert_problem(gateway.ask_ticket(ahead), 401, "SESSION_REVOKED")


def test_a_revoked_guest_is_not_renewed(gateway):
    guest = gateway.guest()
    gateway.api("revoke", {"session": guest["session_id"]})
    assert_problem(post(gateway, "/auth/token", bearer(guest["token"])), 401, "SESSION_REVOKED")


def algorithm_of(token):
    head = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["alg"]


def test_guests_who_share_the_issuers_secret_share_its_algorithm(start_gateway, tmp_path):
    gateway = start_gateway({"jwt": {"algorithms": ["HS512"], "secret_file": write_file(tmp_path / "s", "x" * 64)}})
    token = gateway.guest()["token"]
    assert algorithm_of(token) == "HS512"
    assert gateway.ask_ticket(token).status == 200
    answer = gateway.request("POST", "/auth/token", {"Authorization": f"Bearer {token}"})
    assert answer.status == 200 and algorithm_of(answer.json()["token"]) == "HS512"


def test_a_secret_that_is_shorter_than_its_hash_is_refused_at_a_reload_and_the_old_one_stays(start_gateway, tmp_path):
    secret = write_file(tmp_path / "s", "x" * 64)
    gateway = start_gateway({"jwt": {"algorithms": ["HS512"], "secret_file": secret}})
    token = gateway.guest()["token"]
    write_file(tmp_path / "s", "y" * 63)
    gateway.signal(signal.SIGHUP)
    assert "has 63 bytes; HS512 needs at least 64" in gateway.wait_for_line("reload failed, nothing was changed")
    assert gateway.ask_ticket(token).status == 200


def test_guests_with_a_secret_of_their_own_do_not_depend_on_the_issuers_algorithms(start_gateway, tmp_path):
    own = tmp_path / "guest.secret"
    own.write_text("a secret for guests alone, of thirty-two bytes or more")
    own.chmod(0o600)
    gateway = start_gateway({"jwt": {"algorithms": ["HS512"], "secret_file": write_file(tmp_path / "s", "x" * 64)},
                             "guest": {"secret_file": str(own)}})
    token = gateway.guest()["token"]
    assert algorithm_of(token) == "HS256" and gateway.ask_ticket(token).status == 200
