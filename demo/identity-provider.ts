/**
 * The demo identity provider as a web server: metadata, and one page where one picks whom to be.
 * It authenticates nobody and listens on loopback only; it exists to show what Labelgate does with
 * what an identity provider says. Never imported by src.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { inflateRawSync } from "node:zlib";
import { type Html, html } from "../src/html.ts";
import { type DemoPerson, demoPeople } from "./people.ts";
import { createSigner, type Signer } from "./signer.ts";

export interface DemoIdentityProvider {
  /** http://localhost:<port> */
  readonly origin: string;
  readonly metadataUrl: string;
  readonly signer: Signer;
  close(): Promise<void>;
}

/** What an AuthnRequest asks for, as far as the demo needs it. */
interface AskedSignOn {
  readonly requestId: string | null;
  readonly acsUrl: string;
  readonly relayState: string;
}

const maxFormBytes = 64 * 1024;
const maxRequestBytes = 16 * 1024;

/** Starts the identity provider on loopback; `port` 0 takes a free one. `acsUrl` serves IdP-initiated sign-in. */
export async function startIdentityProvider(options: {
  readonly port: number;
  /** The service provider's ACS URL, asked for when it is needed, since it is made later. */
  readonly acsUrl: () => string;
}): Promise<DemoIdentityProvider> {
  const server = createServer();
  await listen(server, options.port);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  const origin = `http://localhost:${port}`;
  const metadataUrl = `${origin}/metadata`;
  const signer = createSigner({ entityId: metadataUrl, ssoUrl: `${origin}/sso` });
  server.on("request", (request, response) => {
    answer({ signer, acsUrl: options.acsUrl, origin }, request, response).catch(
      (error: unknown) => {
        sendPage(response, 400, html`<h1>That did not work</h1><p>${String(error)}</p>`);
      },
    );
  });
  return {
    origin,
    metadataUrl,
    signer,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
}

interface Context {
  readonly signer: Signer;
  readonly acsUrl: () => string;
  readonly origin: string;
}

async function answer(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", context.origin);
  if (url.pathname === "/metadata") {
    response.setHeader("content-type", "application/samlmetadata+xml");
    response.end(context.signer.metadataXml());
    return;
  }
  if (url.pathname === "/style.css") {
    response.setHeader("content-type", "text/css");
    response.end(style);
    return;
  }
  if (request.method === "POST" && url.pathname === "/sso") {
    await postResponse(context, request, response);
    return;
  }
  if (url.pathname !== "/" && url.pathname !== "/sso") {
    sendPage(response, 404, html`<h1>Not found</h1>`);
    return;
  }
  sendPage(response, 200, choosePage(askedSignOn(context, url.searchParams)));
}

/** Reads the AuthnRequest of a Redirect binding; without one, sign-in starts here. */
function askedSignOn(context: Context, query: URLSearchParams): AskedSignOn {
  const encoded = query.get("SAMLRequest");
  const relayState = query.get("RelayState") ?? "";
  if (encoded === null) return { requestId: null, acsUrl: context.acsUrl(), relayState };
  const inflated = inflateRawSync(Buffer.from(encoded, "base64"), {
    maxOutputLength: maxRequestBytes,
  }).toString("utf8");
  const requestId = / ID="([^"]+)"/.exec(inflated)?.[1] ?? null;
  const acsUrl = / AssertionConsumerServiceURL="([^"]+)"/.exec(inflated)?.[1] ?? context.acsUrl();
  return { requestId, acsUrl: acsUrl.replaceAll("&amp;", "&"), relayState };
}

function choosePage(asked: AskedSignOn): Html {
  return html`<h1>Who do you want to be?</h1>
    <p class="lead">
      This page plays the identity provider. In real life it is Okta, Entra ID, Google or Keycloak,
      and it would ask for a password.
      ${asked.requestId === null ? "You came here directly: this is IdP-initiated sign-on, which Labelgate refuses unless it is allowed." : ""}
    </p>
    <ul>${demoPeople.map((person) => personCard(person, asked))}</ul>`;
}

function personCard(person: DemoPerson, asked: AskedSignOn): Html {
  const groups =
    person.groups.length === 0
      ? html`<em>no groups</em>`
      : person.groups.map((group) => html`<code>${group}</code> `);
  return html`<li><form method="post" action="/sso">
      <input type="hidden" name="person" value="${person.key}">
      <input type="hidden" name="request" value="${asked.requestId ?? ""}">
      <input type="hidden" name="acs" value="${asked.acsUrl}">
      <input type="hidden" name="relay" value="${asked.relayState}">
      <button type="submit">
        <strong>${person.firstName} ${person.lastName}</strong>
        <span>${person.email}</span>
        <span>${person.story}</span>
        <span>${groups}</span>
      </button>
    </form></li>`;
}

/** Answers with a form that posts the signed response to the ACS, as identity providers do. */
async function postResponse(
  { signer, acsUrl }: Context,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const form = new URLSearchParams(await readBody(request));
  const person = demoPeople.find(({ key }) => key === form.get("person"));
  if (person === undefined) throw new Error("No such person here. Please go back and pick one.");
  // Only the one service provider that this identity provider knows ever gets a response.
  if (form.get("acs") !== acsUrl()) throw new Error("This ACS URL is not registered here.");
  const samlResponse = signer.respondBase64({
    acsUrl: acsUrl(),
    nowMs: Date.now(),
    inResponseTo: form.get("request") || null,
    email: person.email,
    firstName: person.firstName,
    lastName: person.lastName,
    groups: person.groups,
    sign: "both",
  });
  sendPage(
    response,
    200,
    html`<h1>Hello, ${person.firstName}</h1>
      <p class="lead">Taking you to Labelgate…</p>
      <form method="post" action="${acsUrl()}" id="post">
        <input type="hidden" name="SAMLResponse" value="${samlResponse}">
        <input type="hidden" name="RelayState" value="${form.get("relay") ?? ""}">
        <p><button type="submit" class="plain">Continue</button></p>
      </form>
      <script>document.getElementById("post").submit()</script>`,
  );
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) {
    body += chunk;
    if (body.length > maxFormBytes) throw new Error("The form is too large.");
  }
  return body;
}

function sendPage(response: ServerResponse, status: number, body: Html): void {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8" });
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>Demo identity provider</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"></head>
<body><header>Demo identity provider</header><main>${body}</main></body></html>`;
  response.end(page.toString());
}

const style = `
:root { color-scheme: light dark; --ink: #1d2430; --soft: #5a6475; --line: #d5dae3; --paper: #f6f3ee; --card: #fff; --mark: #b4541a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaf0; --soft: #a3acbd; --line: #3a4252; --paper: #171a21; --card: #20252f; --mark: #f0a070; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
header { padding: 1rem 1.5rem; font-weight: 600; color: var(--mark); border-bottom: 3px double var(--line); }
main { max-width: 46rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; margin: 0 0 .5rem; }
.lead { color: var(--soft); margin: 0 0 1.5rem; }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem; }
button { font: inherit; color: inherit; text-align: left; width: 100%; cursor: pointer; display: grid; gap: .15rem; padding: .9rem 1.1rem; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
button:hover { border-color: var(--mark); }
button:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
button span { color: var(--soft); overflow-wrap: anywhere; }
button.plain { width: auto; display: inline-block; }
code { font-size: .85em; background: color-mix(in srgb, var(--mark) 14%, transparent); border-radius: .3rem; padding: .1rem .35rem; }
`;
