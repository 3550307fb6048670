// A client in a browser, at another origin than the server: registers itself, signs in with PKCE, shows home, posts with
// a picture, likes, and hears of new posts over one socket. The server's address is in the page's own (`?server=`).

import { createOAuthAPIClient, createRestAPIClient, createStreamingAPIClient } from "masto";

const SCOPES = "read write";
const kept = sessionStorage;
const element = (id) => document.getElementById(id);

function base64url(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

async function discover(server) {
  const answer = await fetch(`${server}/.well-known/oauth-authorization-server`);
  return answer.json();
}

async function signIn(server) {
  const redirectUri = location.origin + location.pathname;
  const app = await createRestAPIClient({ url: server }).v1.apps.create({
    clientName: "Web client", redirectUris: redirectUri, scopes: SCOPES,
  });
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(48)));
  const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  const known = { server, redirectUri, verifier, id: app.clientId, secret: app.clientSecret };
  kept.setItem("app", JSON.stringify(known));
  const asked = new URLSearchParams({
    response_type: "code", client_id: app.clientId, redirect_uri: redirectUri, scope: SCOPES, state: "here",
    code_challenge: challenge, code_challenge_method: "S256",
  });
  location.href = `${(await discover(server)).authorization_endpoint}?${asked}`;
}

async function comeBack(code) {
  const app = JSON.parse(kept.getItem("app"));
  const token = await createOAuthAPIClient({ url: app.server }).token.create({
    grantType: "authorization_code", code, codeVerifier: app.verifier,
    clientId: app.id, clientSecret: app.secret, redirectUri: app.redirectUri, scope: SCOPES,
  });
  kept.setItem("token", token.accessToken);
  history.replaceState(null, "", location.pathname);
}

function shown(status, api) {
  const item = document.createElement("li");
  item.id = `post-${status.id}`;
  item.innerHTML = status.content;
  for (const media of status.mediaAttachments) {
    const picture = new Image();
    picture.src = media.previewUrl ?? media.url;
    picture.alt = media.description ?? "";
    item.append(picture);
  }
  const like = document.createElement("button");
  like.textContent = "Like";
  like.onclick = async () => {
    const liked = await api.v1.statuses.$select(status.id).favourite();
    like.textContent = `Liked ${liked.favouritesCount}`;
  };
  item.append(like);
  return item;
}

function put(item) {
  const there = document.getElementById(item.id);
  if (there) there.replaceWith(item);
  else element("home").prepend(item);
}

async function live(api, token) {
  const instance = await api.v2.instance.fetch();
  const streaming = createStreamingAPIClient({
    streamingApiUrl: instance.configuration.urls.streaming, accessToken: token, implementation: WebSocket,
  });
  const events = streaming.user.subscribe();
  element("who").dataset.live = "asked";
  for await (const event of events) {
    if (event.event === "update" || event.event === "status.update") put(shown(event.payload, api));
    if (event.event === "delete") document.getElementById(`post-${event.payload}`)?.remove();
  }
}

async function begin() {
  const token = kept.getItem("token");
  if (!token) return;
  const { server } = JSON.parse(kept.getItem("app"));
  const api = createRestAPIClient({ url: server, accessToken: token });
  const me = await api.v1.accounts.verifyCredentials();
  element("who").textContent = me.acct;
  for (const status of (await api.v1.timelines.home.list({ limit: 20 })).toReversed()) put(shown(status, api));
  element("compose").onsubmit = async (event) => {
    event.preventDefault();
    const form = new FormData(element("compose"));
    const mediaIds = [];
    if (form.get("file").size > 0) mediaIds.push((await api.v2.media.create({ file: form.get("file"), description: "From a browser" })).id);
    put(shown(await api.v1.statuses.create({ status: form.get("status"), mediaIds }), api));
  };
  await live(api, token);
}

window.addEventListener("unhandledrejection", (event) => (element("problem").textContent = String(event.reason)));
const asked = new URLSearchParams(location.search);
if (asked.has("server")) kept.setItem("server", asked.get("server"));
element("sign-in").onclick = () => signIn(kept.getItem("server"));
if (asked.has("code") && asked.get("state") === "here") await comeBack(asked.get("code"));
await begin();
