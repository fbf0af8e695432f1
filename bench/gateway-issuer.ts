/**
 * A stub OpenID Connect issuer, and a person who signs in by it: as much as oauth2-proxy needs to hand out
 * a session cookie as it does in earnest.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** A running issuer. */
export interface Issuer {
  readonly url: string;
  close(): void;
}

export const client = { id: "bench", secret: "bench-secret" } as const;

/** Starts an issuer on loopback that vouches for one person. */
export async function startIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const jwk = { ...(await exportJWK(publicKey)), kid: "bench", alg: "RS256", use: "sig" };
  const server = createServer((request, response) => {
    void answer(request.url ?? "/").then((body) => {
      response.writeHead(200, { "Content-Type": "application/json" });
      response.end(JSON.stringify(body));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(path: string): Promise<object> {
    if (path === "/keys") return { keys: [jwk] };
    if (path !== "/token") {
      return {
        issuer: url,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
        jwks_uri: `${url}/keys`,
        response_types_supported: ["code"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS256"],
      };
    }
    const claims = { email: "ada@contoso.com", email_verified: true, name: "Ada Lovelace" };
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: "RS256", kid: "bench" })
      .setIssuer(url)
      .setAudience(client.id)
      .setSubject("ada")
      .setIssuedAt()
      .setExpirationTime("8h")
      .sign(privateKey);
    return { access_token: "access", token_type: "Bearer", expires_in: 28_800, id_token: token };
  }

  return { url, close: () => server.close() };
}

/** Signs in at oauth2-proxy by the issuer, whose page says yes at once; the `Cookie` header of the session. */
export async function signInAt(origin: string): Promise<string> {
  const begun = await fetch(`${origin}/oauth2/start?rd=/`, { redirect: "manual" });
  const state = new URL(begun.headers.get("location") ?? "").searchParams.get("state") ?? "";
  const callback = `${origin}/oauth2/callback?${new URLSearchParams({ code: "code", state })}`;
  const done = await fetch(callback, {
    redirect: "manual",
    headers: { cookie: cookiesOf(begun).join("; ") },
  });
  const session = cookiesOf(done).filter((pair) => /^_oauth2_proxy(_\d+)?=./.test(pair));
  if (session.length === 0) throw new Error(`oauth2-proxy signed nobody in: ${done.status}`);
  return session.join("; ");
}

function cookiesOf(answer: Response): readonly string[] {
  return answer.headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
}
