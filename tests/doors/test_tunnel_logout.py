"""An identity provider's logout ends tunnels as it ends sockets."""

import time

from gateway import make_jwt
from raw_upstream import answer, open_tunnel, text

ISSUER, CLIENT = "https://idp.example", "client-1"


def test_a_logout_ends_the_tunnels_of_its_session_and_no_other(start_gateway, upstream):
    gateway = start_gateway({"upstreams": [upstream.upstream()], "jwt": {"issuer": ISSUER, "logout_audience": [CLIENT]}})
    gone, gone_server = open_tunnel(gateway, upstream, ticket=gateway.ticket(iss=ISSUER, sub="u1", sid="S1"))
    stays, stays_server = open_tunnel(gateway, upstream, ticket=gateway.ticket(iss=ISSUER, sub="u1", sid="S2"))
    now = int(time.time())
    token = make_jwt({"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 60, "jti": "m1", "sid": "S1",
                      "events": {"http://schemas.openid.net/event/backchannel-logout": {}}})
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert gateway.post("/auth/backchannel-logout", form, "logout_token=" + token).status == 200
    gone.expect_close(3520, "SESSION_REVOKED")
    gone_server.expect_close(3520, "SESSION_REVOKED")
    stays.send(text("still here"))
    stays_server.expect(text("still here"))
    stays_server.send(answer("so am I"))
    stays.expect(answer("so am I"))
    stays.close()
