// A program that uses the shop by oauth4webapi alone, as its documentation shows. It is told its registration on the first
// line of standard input, says where to send the user, is told where the user came back to, and says what it learned.
import { createInterface } from "node:readline/promises";
import * as oauth from "oauth4webapi";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const told = async () => JSON.parse((await lines.next()).value);
const say = (what) => console.log(JSON.stringify(what));
const insecure = { [oauth.allowInsecureRequests]: true };  // the shop under test listens at http://localhost

const registration = await told();
const issuer = new URL(registration.issuer);
const client = { client_id: registration.client_id };
const proof = registration.secret ? oauth[registration.method](registration.secret) : oauth.None();

const discovered = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure });
const server = await oauth.processDiscoveryResponse(issuer, discovered);

async function asksItsUser() {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const question = new URL(server.authorization_endpoint);
  question.search = new URLSearchParams({
    client_id: client.client_id, redirect_uri: registration.redirect_uri, response_type: "code",
    scope: registration.scope, state, code_challenge_method: "S256",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  });
  say({ question: question.href });
  const back = new URL((await told()).callback);
  const parameters = oauth.validateAuthResponse(server, client, back, state);
  const answer = await oauth.authorizationCodeGrantRequest(
    server, client, proof, parameters, registration.redirect_uri, verifier, insecure);
  const first = await oauth.processAuthorizationCodeResponse(server, client, answer);
  const who = await oauth.protectedResourceRequest(
    first.access_token, "GET", new URL("/api/v1/me", issuer), undefined, undefined, insecure);
  const renewed = await oauth.processRefreshTokenResponse(
    server, client, await oauth.refreshTokenGrantRequest(server, client, proof, first.refresh_token, insecure));
  const claims = await oauth.validateJwtAccessToken(
    server, new Request(issuer, { headers: { authorization: `Bearer ${renewed.access_token}` } }),
    new URL("/api", issuer).href, insecure);
  const learned = { who: await who.json(), scope: first.scope, claims, rotated: renewed.refresh_token !== first.refresh_token };
  if (registration.secret) learned.before = await introspected(renewed.access_token);
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, proof, renewed.refresh_token, insecure));
  if (registration.secret) learned.after = await introspected(renewed.access_token);
  try {
    await oauth.protectedResourceRequest(
      renewed.access_token, "GET", new URL("/api/v1/me", issuer), undefined, undefined, insecure);
  } catch (refusal) {
    learned.refused = refusal.status;
  }
  return learned;
}

async function introspected(token) {
  const answer = await oauth.introspectionRequest(server, client, proof, token, insecure);
  return oauth.processIntrospectionResponse(server, client, answer);
}

async function actsForItself() {
  const asked = await oauth.clientCredentialsGrantRequest(
    server, client, proof, new URLSearchParams({ scope: registration.scope }), insecure);
  const tokens = await oauth.processClientCredentialsResponse(server, client, asked);
  const orders = await oauth.protectedResourceRequest(
    tokens.access_token, "GET", new URL("/api/v1/admin/orders", issuer), undefined, undefined, insecure);
  return { status: orders.status, scope: tokens.scope, renewable: "refresh_token" in tokens };
}

try {
  say({ learned: await (registration.for_itself ? actsForItself() : asksItsUser()) });
} catch (failure) {
  say({ failure: failure.code ?? failure.name, error: failure.error, message: failure.message });
}
process.exit();
