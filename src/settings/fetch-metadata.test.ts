import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server as TcpServer,
} from "node:net";
import { after, describe, it } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { createSigner } from "../../demo/signer.ts";
import { AppError } from "../errors.ts";
import { fetchMetadata, parseTarget, unreachableSentence } from "./fetch-metadata.ts";

const open = { ssrfProtectionEnabled: false, disableSamlSslValidation: false };
const guarded = { ...open, ssrfProtectionEnabled: true };
const servers: Server[] = [];

async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(listener))}`;
}

/** A server whose certificate nobody vouches for. */
async function serveTls(listener: RequestListener): Promise<string> {
  const { privateKey, certificatePem } = createSigner({
    entityId: "https://idp.example",
    ssoUrl: "https://idp.example/sso",
    keyType: "ec256",
  });
  const key = privateKey.export({ type: "pkcs8", format: "pem" });
  const server = createTlsServer({ key, cert: certificatePem }, listener);
  return `https://127.0.0.1:${await listen(server)}`;
}

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function listenSomewhere(server: TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function refusal(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof AppError, `expected a refusal, got ${String(error)}`);
  return error;
}

const resolveTo = (...addresses: string[]) => ({
  timeoutMs: 10_000,
  resolve: async () =>
    await Promise.resolve(
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    ),
});

describe("fetching metadata (PRODUCT 2.7)", () => {
  after(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  it("the document is answered as text, without a byte order mark", async () => {
    const url = await serve((_, response) => response.end("\uFEFF<a>é</a>"));
    assert.equal(await fetchMetadata(open, url), "<a>é</a>");
  });

  it("neither cookies nor credentials are sent, also after a redirect that sets a cookie", async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers.cookie, request.headers.authorization);
      if (request.url === "/") {
        response.writeHead(302, { location: "/next", "set-cookie": "a=b" }).end();
      } else response.end("<a/>");
    });
    assert.equal(await fetchMetadata(open, url), "<a/>");
    assert.deepEqual(seen, [undefined, undefined, undefined, undefined]);
  });

  it("three redirects are followed and a fourth is not", async () => {
    const url = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end("<a/>");
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    assert.equal(await fetchMetadata(open, `${url}/3`), "<a/>");
    const error = await refusal(fetchMetadata(open, `${url}/4`));
    assert.equal(error.code, "metadata_not_idp");
    assert.match(error.message, /redirects more than 3 times/);
  });

  for (const location of [
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://metadata.google.internal/",
    "http://user:secret@127.0.0.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
  ]) {
    it(`a redirect is judged like the first address: ${location}`, async () => {
      const url = await serve((_, response) => response.writeHead(302, { location }).end());
      const error = await refusal(fetchMetadata(open, url));
      assert.equal(error.code, "metadata_address_refused");
    });
  }

  for (const url of [
    "http://169.254.169.254/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://[::ffff:169.254.169.254]/",
    "http://[fe80::1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://METADATA.google.internal./",
    "http://100.100.100.200/",
  ]) {
    it(`metadata services are refused without any switch, however they are spelled: ${url}`, async () => {
      assert.equal((await refusal(fetchMetadata(open, url))).code, "metadata_address_refused");
    });
  }

  it("a name that resolves to a forbidden address is refused, also where another is allowed", async () => {
    const url = await serve((_, response) => response.end("<a/>"));
    const named = url.replace("127.0.0.1", "idp.example.com");
    for (const addresses of [["169.254.169.254"], ["127.0.0.1", "fd00:ec2::254"]]) {
      const error = await refusal(fetchMetadata(open, named, resolveTo(...addresses)));
      assert.equal(error.code, "metadata_address_refused");
    }
  });

  it("the connection goes to the address that was judged, and the name is asked once", async () => {
    const hosts: unknown[] = [];
    const url = await serve((request, response) => {
      hosts.push(request.headers.host);
      response.end("<a/>");
    });
    let questions = 0;
    const port = new URL(url).port;
    const text = await fetchMetadata(open, `http://idp.example.com:${port}/`, {
      timeoutMs: 10_000,
      resolve: async () => {
        questions += 1;
        // A rebinding name server answers differently the second time.
        const address = questions === 1 ? "127.0.0.1" : "169.254.169.254";
        return await Promise.resolve([{ address, family: 4 }]);
      },
    });
    assert.equal(text, "<a/>");
    assert.equal(questions, 1);
    assert.deepEqual(hosts, [`idp.example.com:${port}`]);
  });

  it("private addresses are reached unless SSRF_PROTECTION_ENABLED is on", async () => {
    const url = await serve((_, response) => response.end("<a/>"));
    assert.equal(await fetchMetadata(open, url), "<a/>");
    const error = await refusal(fetchMetadata(guarded, url));
    assert.equal(error.code, "metadata_address_refused");
    assert.match(error.message, /SSRF_PROTECTION_ENABLED/);
    assert.equal(
      (await refusal(fetchMetadata(guarded, url.replace("127.0.0.1", "localhost")))).code,
      "metadata_address_refused",
    );
  });

  for (const [encoding, compress] of [
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ] as const) {
    it(`an answer sent as ${encoding} is read, and a bomb is refused`, async () => {
      const [small, bomb] = [compress("<a/>"), compress(" ".repeat(5_000_000))];
      const url = await serve((request, response) => {
        const sent = request.url === "/bomb" ? bomb : small;
        response.writeHead(200, { "content-encoding": encoding }).end(sent);
      });
      assert.equal(await fetchMetadata(open, url), "<a/>");
      const error = await refusal(fetchMetadata(open, `${url}/bomb`));
      assert.match(error.message, /larger than 1 MiB/);
    });
  }

  it("an unknown content encoding is passed over, a damaged one refused", async () => {
    const url = await serve((request, response) => {
      const encoding = request.url === "/damaged" ? "gzip" : (request.url?.slice(1) ?? "");
      response.writeHead(200, { "content-encoding": encoding }).end("<a/>");
    });
    assert.equal(await fetchMetadata(open, `${url}/utf-8`), "<a/>");
    assert.equal((await refusal(fetchMetadata(open, `${url}/damaged`))).code, "metadata_not_idp");
  });

  it("a document of 1 MiB is read and a larger one is not, announced or not", async () => {
    const url = await serve((request, response) => {
      const size = Number(request.url?.slice(1));
      response.write("x".repeat(size));
      response.end();
    });
    assert.equal((await fetchMetadata(open, `${url}/1048576`)).length, 1_048_576);
    const error = await refusal(fetchMetadata(open, `${url}/1048577`));
    assert.match(error.message, /larger than 1 MiB/);
  });

  it("time is limited in total, for silence and for an answer that drips", async () => {
    const quick = { ...resolveTo("127.0.0.1"), timeoutMs: 300 };
    const silent = await serve(() => undefined);
    const dripping = await serve((_, response) => {
      const timer = setInterval(() => response.write("x"), 50);
      response.on("close", () => clearInterval(timer));
    });
    for (const url of [silent, dripping]) {
      const error = await refusal(fetchMetadata(open, url, quick));
      assert.equal(error.code, "metadata_unreachable");
      assert.equal(error.message, unreachableSentence);
      assert.match(String(error.evidence["reason"]), /no answer within 0\.3 s/);
    }
  });

  it("a name server that never answers counts against the same time", async () => {
    const error = await refusal(
      fetchMetadata(open, "http://idp.example.com/", {
        timeoutMs: 100,
        resolve: () => new Promise(() => undefined),
      }),
    );
    assert.equal(error.code, "metadata_unreachable");
  });

  for (const [status, code] of [
    [500, "metadata_unreachable"],
    [503, "metadata_unreachable"],
    [429, "metadata_unreachable"],
    [404, "metadata_not_idp"],
    [401, "metadata_not_idp"],
    [204, "metadata_not_idp"],
  ] as const) {
    it(`status ${status} is ${code}`, async () => {
      const url = await serve((_, response) => response.writeHead(status).end());
      const error = await refusal(fetchMetadata(open, url));
      assert.equal(error.code, code);
      const said = code === "metadata_unreachable" ? error.evidence["reason"] : error.message;
      assert.match(String(said), new RegExp(`status ${status}`));
    });
  }

  it("whatever cannot be reached is said in one sentence, so that nobody maps a network by it", async () => {
    const greeting = createTcpServer((socket) => socket.end("220 mail.example ESMTP\r\n"));
    const hangUp = createTcpServer((socket) => socket.destroy());
    const ports = await Promise.all([greeting, hangUp].map(listenSomewhere));
    const quick = { ...resolveTo("127.0.0.1"), timeoutMs: 300 };
    const unknownName = {
      timeoutMs: 1000,
      resolve: () => Promise.reject(Object.assign(new Error("x"), { code: "ENOTFOUND" })),
    };
    const refusals = await Promise.all([
      refusal(fetchMetadata(open, "http://127.0.0.1:9/")),
      refusal(fetchMetadata(open, "http://idp.invalid/", unknownName)),
      ...ports.map((port) => refusal(fetchMetadata(open, `http://127.0.0.1:${port}/`))),
      refusal(fetchMetadata(open, await serve(() => undefined), quick)),
      refusal(fetchMetadata(open, await serveTls((_, response) => response.end("<a/>")))),
      refusal(fetchMetadata(open, await serve((_, response) => response.writeHead(503).end()))),
    ]);
    for (const server of [greeting, hangUp]) server.close();
    for (const error of refusals) {
      assert.equal(error.code, "metadata_unreachable");
      assert.equal(error.message, unreachableSentence);
    }
    const reasons = refusals.map(({ evidence }) => evidence["reason"]);
    assert.deepEqual(reasons.slice(0, 2), ["ECONNREFUSED", "ENOTFOUND"]);
  });

  it("a refused connection and an unknown name may be tried again later", async () => {
    const refused = await refusal(fetchMetadata(open, "http://127.0.0.1:9/"));
    assert.equal(refused.code, "metadata_unreachable");
    const unknown = await refusal(
      fetchMetadata(open, "http://idp.invalid/", {
        timeoutMs: 1000,
        resolve: () => Promise.reject(Object.assign(new Error("x"), { code: "ENOTFOUND" })),
      }),
    );
    assert.equal(unknown.code, "metadata_unreachable");
  });

  it("a certificate that cannot be trusted is refused, unless DISABLE_SAML_SSL_VALIDATION is on", async () => {
    const url = await serveTls((_, response) => response.end("<a/>"));
    const error = await refusal(fetchMetadata(open, url));
    assert.equal(error.code, "metadata_unreachable");
    assert.match(String(error.evidence["reason"]), /SELF_SIGNED/);
    const unchecked = { ...open, disableSamlSslValidation: true };
    assert.equal(await fetchMetadata(unchecked, url), "<a/>");
  });

  it("a redirect does not leave https, which protects the keys", async () => {
    const plain = await serve((_, response) => response.end("<a/>"));
    const url = await serveTls((_, response) => response.writeHead(302, { location: plain }).end());
    const unchecked = { ...open, disableSamlSslValidation: true };
    const error = await refusal(fetchMetadata(unchecked, url));
    assert.equal(error.code, "metadata_address_refused");
    assert.match(error.message, /from https to http/);
  });

  it("bytes that are not UTF-8 are no metadata", async () => {
    const url = await serve((_, response) => response.end(Buffer.from([0x3c, 0xff, 0xfe])));
    assert.equal((await refusal(fetchMetadata(open, url))).code, "metadata_not_xml");
  });

  for (const url of [
    "",
    "contoso",
    "ftp://contoso.com/",
    "javascript:alert(1)",
    "data:text/xml,<a/>",
  ]) {
    it(`only http and https URLs are fetched: ${JSON.stringify(url)}`, () => {
      assert.throws(() => parseTarget(url), { code: "metadata_address_refused" });
    });
  }

  it("credentials in the URL are refused", () => {
    assert.throws(() => parseTarget("https://user:pw@idp.example.com/"), {
      code: "metadata_address_refused",
      message: /user name or a password/,
    });
  });
});
