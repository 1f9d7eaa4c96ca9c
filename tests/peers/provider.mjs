// Two OpenID providers on loopback, one process: `node provider.mjs <port> <port> <address of the app>`.
//
// The first says everything in the id_token. The second is the kind that a bank runs: claims from userinfo alone, groups
// nested as Keycloak nests them, and clients that may not ask for a scope `groups`. It ends when its standard input does.
// POST /peer/groups {"reader", "groups"} changes what both say of a reader; POST /peer/rotate gives them new keys.

import { createServer } from "node:http";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import Provider from "oidc-provider";

const [tells, keeps] = process.argv.slice(2, 4).map(Number);
const app = process.argv[4];
const cookies = { keys: [randomBytes(16).toString("hex")] };
const groups = new Map();
const keys = [];

function newKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  keys.unshift({ ...privateKey.export({ format: "jwk" }), kid: randomBytes(4).toString("hex"), use: "sig", alg: "RS256" });
}

const shared = {
  grant_types: ["authorization_code"],
  response_types: ["code"],
  redirect_uris: ["/callback", "/callback/second"].map((path) => app + path),
  post_logout_redirect_uris: [`${app}/signed-out`],
  backchannel_logout_uri: `${app}/backchannel-logout`,
  backchannel_logout_session_required: true,
};
const client = (id, method, more) => ({
  client_id: id, token_endpoint_auth_method: method, ...(method === "none" ? {} : { client_secret: `secret of ${id}` }),
  ...shared, ...more,
});

function claims(id) {
  const held = groups.get(id) || [];
  return {
    sub: id, name: `Reader ${id}`, email: `${id}@bank.example`, email_verified: true, groups: held,
    realm_access: { roles: held }, full_name: `${id} of the bank`,
  };
}

function provider(port, said, clients) {
  const made = new Provider(`http://localhost:${port}`, {
    ...said, clients, cookies, jwks: { keys },
    fetch: (url, options) => globalThis.fetch(url, { ...options, dispatcher: undefined }),
    features: { backchannelLogout: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    findAccount: (_, id) => ({ accountId: id, claims: () => claims(id) }),
    pkce: { required: () => true },
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope("openid profile email groups");
      await grant.save();
      return grant;
    },
  });
  return made.callback();
}

const plain = { openid: ["sub", "auth_time"], profile: ["name"], email: ["email", "email_verified"] };
function both() {
  return {
    [tells]: provider(tells, { claims: { ...plain, groups: ["groups"] }, conformIdTokenClaims: false }, [
      client("parapet", "client_secret_basic"), client("poster", "client_secret_post"), client("public", "none"),
    ]),
    [keeps]: provider(keeps, { claims: { ...plain, profile: ["full_name", "realm_access"], groups: [] } }, [
      client("parapet", "client_secret_basic", { scope: "openid profile email" }),
    ]),
  };
}

newKey();
let serving = both();

async function control(request, response) {
  let text = "";
  for await (const part of request) text += part;
  if (request.url === "/peer/groups") {
    const said = JSON.parse(text);
    groups.set(said.reader, said.groups);
  } else {
    newKey();
    keys.length = 1;
    serving = both();
  }
  response.end("done");
}

for (const port of [tells, keeps]) {
  createServer((request, response) =>
    request.url.startsWith("/peer/") ? control(request, response) : serving[port](request, response),
  ).listen(port, "127.0.0.1");
}
process.stdin.resume().on("end", () => process.exit(0));
