// The npm package oidc-provider, as it comes: an identity provider on a port of the kernel's choice.
//
// It prints its issuer as one line of JSON. Each line of JSON on its standard input changes it, and is answered with {"done":true}:
// {"backchannel_logout_uri":"http://…"} says where it tells of logouts; {"rotate":true} makes it sign with a new key.
// It ends with its standard input.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";

import { Provider } from "oidc-provider";

const kAudience = "https://api.example";
const newKey = () => ({ ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: randomUUID() });

let keys = [newKey()];
let backchannelLogoutUri;
let handle;

const server = createServer((request, response) => handle(request, response));
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  configure(issuer);
  process.stdout.write(`${JSON.stringify({ issuer })}\n`);
  createInterface({ input: process.stdin }).on("line", (line) => {
    const command = JSON.parse(line);
    if (command.backchannel_logout_uri) backchannelLogoutUri = command.backchannel_logout_uri;
    if (command.rotate) keys = [newKey(), ...keys.slice(0, 1)];
    configure(issuer);
    process.stdout.write('{"done":true}\n');
  }).on("close", () => process.exit(0));
});

// Sessions and grants are in the package's own store in memory, which all its instances share.
function configure(issuer) {
  const client = {
    client_id: "app",
    client_secret: "secret-of-the-app",
    redirect_uris: ["http://127.0.0.1/callback"],
    grant_types: ["authorization_code"],
    response_types: ["code"],
    ...(backchannelLogoutUri ? { backchannel_logout_uri: backchannelLogoutUri, backchannel_logout_session_required: true } : {}),
  };
  const provider = new Provider(issuer, {
    clients: [client],
    jwks: { keys },
    cookies: { keys: ["only for tests"] },
    features: {
      backchannelLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => kAudience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: "", audience: kAudience, accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } } }),
      },
    },
    // The access token names the session, as the ID token does.
    extraTokenClaims: (context) => ({ sid: context.oidc.entities.AuthorizationCode?.sid }),
  });
  handle = provider.callback();
}
