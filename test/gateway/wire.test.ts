/**
 * The gateway at the level of bytes and time: what an attacker may send, what may break off, how much
 * is kept in memory (GATEWAY 10.3, 10.4, 10.7). The database does not matter here.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { defaultLimits } from "../../src/gateway/exchange.ts";
import {
  type GatewayWorld,
  openGatewayWorld,
  origin,
  publicHost,
  sqliteAlone,
} from "./gateway-world.ts";
import { sendJson } from "./stub.ts";

const list = "/api/label_links?project=3";
const files = "/api/projects/3/import";
const navigates = { "sec-fetch-mode": "navigate", accept: "text/html,*/*" };

const multipart = (size: number) => {
  const head = Buffer.from(
    '--b\r\nContent-Disposition: form-data; name="f"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n',
  );
  return Buffer.concat([head, Buffer.alloc(size, "x"), Buffer.from("\r\n--b--\r\n")]);
};
const multipartType = { "content-type": "multipart/form-data; boundary=b" };

describe("on the wire", () => {
  let w: GatewayWorld;
  before(async () => {
    w = await openGatewayWorld(sqliteAlone());
  });
  after(async () => await w.close());
  beforeEach(() => {
    w.stub.answer((_request, response) => sendJson(response, { ok: true }));
    w.stub.arrived.length = 0;
  });

  const owner = () => ({ cookie: w.cookies.OW });
  const same = () => ({ ...owner(), origin });

  test("no spelling of a header that is not listed reaches Label Studio", async () => {
    const hostile = [
      ...["X-Api-Key", "X_Api_Key", "x-api_key", "Authorization", "AUTHORIZATION_"],
      ...["Proxy-Authorization", "Cookie2", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"],
      ...["X-HTTP-Method-Override", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL"],
      ...["X-Accel-Redirect", "X-Sendfile", "Remote-User", "X-Real-IP", "X-CSRFToken", "TE"],
      ...["Keep-Alive", "Prefer", "Sentry-Trace", "X-Organization", "Content_Length"],
    ];
    for (const name of hostile) {
      const credential = /^(?:x-api-key|authorization)$/i.test(name);
      const value = credential ? `Token ${w.token}`.slice(name === "X-Api-Key" ? 6 : 0) : "evil";
      await w.ask(list, { headers: { ...owner(), [name]: value } });
      const arrived = w.stub.arrived.at(-1);
      assert.ok(arrived, name);
      for (let at = 0; at < arrived.rawHeaders.length; at += 2) {
        const seen = arrived.rawHeaders[at] ?? "";
        assert.match(seen, /^(?:host|connection|accept-encoding|authorization)$/, name);
        assert.ok(!(arrived.rawHeaders[at + 1] ?? "").includes("evil"), name);
        assert.ok(!(arrived.rawHeaders[at + 1] ?? "").includes(w.token), name);
      }
      assert.equal(arrived.headers.host, new URL(w.stub.url).host);
    }
  });

  test("a credential header that comes twice is refused, and nothing goes on", async () => {
    const got = await w.raw(
      `GET ${list} HTTP/1.1\r\nHost: ${publicHost}\r\nX-Api-Key: ${w.token}\r\nX-Api-Key: other\r\nConnection: close\r\n\r\n`,
    );
    assert.match(got, /^HTTP\/1\.1 400 /);
    assert.equal(w.stub.arrived.length, 0);
  });

  test("requests whose length is ambiguous reach nobody", async () => {
    for (const lengths of [
      "Content-Length: 5\r\nTransfer-Encoding: chunked",
      "Transfer-Encoding: chunked\r\nContent-Length: 5",
      "Content-Length: 5\r\nContent-Length: 6",
      "Transfer-Encoding: chunked, identity",
      "Content-Length: +5",
      "Transfer-Encoding : chunked",
    ]) {
      const got = await w.raw(
        `POST /api/projects HTTP/1.1\r\nHost: ${publicHost}\r\nCookie: ${w.cookies.OW}\r\nOrigin: ${origin}\r\n${lengths}\r\n\r\n0\r\n\r\nGET /api/users HTTP/1.1\r\nHost: x\r\n\r\n`,
      );
      assert.match(got, /^HTTP\/1\.1 400 /, lengths);
      assert.equal(w.stub.arrived.length, 0, lengths);
    }
  });

  test("two Host headers, or a target that disagrees with the one, are 400 and reach nobody", async () => {
    const cookie = `Cookie: ${w.cookies.OW}\r\nConnection: close\r\n\r\n`;
    for (const text of [
      `GET ${list} HTTP/1.1\r\nHost: ${publicHost}\r\nHost: ${publicHost}\r\n`,
      `GET ${list} HTTP/1.1\r\nHost: ${publicHost}\r\nhost: evil.example\r\n`,
      `GET /user/login HTTP/1.1\r\nHost: evil.example\r\nHost: ${publicHost}\r\n`,
      `GET http://evil.example${list} HTTP/1.1\r\nHost: ${publicHost}\r\n`,
      `GET http://evil.example/user/login HTTP/1.1\r\nHost: ${publicHost}\r\n`,
    ]) {
      assert.match(await w.raw(text + cookie), /^HTTP\/1\.1 400 /, text);
      assert.equal(w.stub.arrived.length, 0, text);
    }
    const agreeing = `GET ${origin}${list} HTTP/1.1\r\nHost: ${publicHost}\r\n`;
    assert.match(await w.raw(agreeing + cookie), /^HTTP\/1\.1 200 /);
    assert.equal(w.stub.arrived.length, 1);
  });

  test("targets in another form than a path are refused", async () => {
    for (const [line, status] of [
      [`GET ${w.stub.url}${list} HTTP/1.1`, 404],
      ["GET //evil.example/ HTTP/1.1", 404],
      ["OPTIONS * HTTP/1.1", 404],
      ["GET /api/projects/3/../4 HTTP/1.1", 404],
      ["GET /api/%70rojects/3 HTTP/1.1", 404],
      ["TRACE /api/projects HTTP/1.1", 405],
    ] as const) {
      const got = await w.raw(
        `${line}\r\nHost: ${publicHost}\r\nCookie: ${w.cookies.OW}\r\nConnection: close\r\n\r\n`,
      );
      const [, seen = "0"] = /^HTTP\/1\.1 (\d+)/.exec(got) ?? [];
      assert.ok(Number(seen) >= 400 && Number(seen) < 500, `${line}: ${seen}, not ${status}`);
      assert.equal(w.stub.arrived.length, 0, line);
    }
  });

  test("an upgrade is not passed on: the request is answered as a plain one", async () => {
    await w.ask(list, { headers: { ...owner(), connection: "upgrade", upgrade: "websocket" } });
    assert.equal(w.stub.arrived[0]?.headers.upgrade, undefined);
  });

  test("pipelined requests are answered in their order, each as its own person", async () => {
    w.stub.answer((request, response) => {
      const isFirst = (request.url ?? "").includes("project=3");
      setTimeout(() => sendJson(response, { isFirst }), isFirst ? 60 : 0);
    });
    const one = (cookie: string) =>
      `GET ${list} HTTP/1.1\r\nHost: ${publicHost}\r\nCookie: ${cookie}\r\n`;
    const got = await w.raw(`${one(w.cookies.OW)}\r\n${one("nothing=1")}Connection: close\r\n\r\n`);
    const statuses = [...got.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    assert.deepEqual(statuses, ["200", "401"]);
  });

  test("a host name that is not ours is 421, but for probes", async () => {
    for (const host of [
      "evil.example",
      `evil.example:${new URL(origin).port}`,
      "labels.test",
      "",
    ]) {
      assert.equal((await w.ask(list, { headers: { ...owner(), host } })).status, 421, host);
    }
    const noName = { ...owner(), host: `${publicHost}.evil.example` };
    assert.equal((await w.ask(list, { headers: noName })).status, 400);
    assert.equal((await w.ask("/health", { headers: { host: "10.0.0.7" } })).status, 200);
    assert.equal(w.stub.arrived.length, 0);
  });

  test("headers above 32 KiB are 431, with a page that says to clear cookies", async () => {
    const got = await w.raw(
      `GET / HTTP/1.1\r\nHost: ${publicHost}\r\nCookie: ${"a=b; ".repeat(8000)}\r\n\r\n`,
    );
    assert.match(got, /^HTTP\/1\.1 431 /);
    assert.match(got, /Clear the cookies/);
    const large = await w.ask(list, { headers: { ...owner(), "x-large": "y".repeat(20_000) } });
    assert.equal(large.status, 200);
  });

  test("what Label Studio says of itself stays here; our own headers take its place", async () => {
    w.stub.answer((_request, response) => {
      response.writeHead(200, {
        "content-type": "text/plain",
        "set-cookie": ["sessionid=1", "csrftoken=2"],
        "access-control-allow-origin": "*",
        "strict-transport-security": "max-age=1",
        "x-frame-options": "SAMEORIGIN",
        "x-accel-redirect": "/secret",
        server: "WSGIServer",
        "www-authenticate": "Bearer",
        "cache-control": "public, max-age=99999",
        "content-security-policy": "sandbox",
        etag: '"abc"',
      });
      response.end("ok");
    });
    const { headers } = await w.ask(list, { headers: { cookie: w.cookies.OW } });
    for (const name of [
      ...["set-cookie", "access-control-allow-origin", "strict-transport-security", "server"],
      ...["x-frame-options", "x-accel-redirect", "www-authenticate"],
    ]) {
      assert.equal(headers[name], undefined, name);
    }
    assert.equal(headers["cache-control"], "private, no-store");
    assert.equal(headers["x-content-type-options"], "nosniff");
    const policy = String(headers["content-security-policy"]);
    assert.match(policy, /sandbox/);
    assert.match(policy, /frame-ancestors 'self'/);
    assert.match(String(headers["x-request-id"]), /^[\w-]{36}$/);
  });

  test("addresses that name Label Studio are written with the client's origin, others stay", async () => {
    const { url } = w.stub;
    w.stub.answer((_request, response) =>
      sendJson(response, { count: 2, next: `${url}/api/x?page=2`, previous: null, results: ["ä"] }),
    );
    const got = await w.ask("/api/predictions?project=3&task=9", { headers: owner() });
    if (got.status === 200) assert.equal(JSON.parse(got.text).next, `${origin}/api/x?page=2`);
    const bucket = `https://bucket.example/a%20b?X-Amz-Signature=1&next=${url}/`;
    for (const [location, expected] of [
      [`${url}/projects/3/`, `${origin}/projects/3/`],
      [bucket, bucket],
      ["/projects/3/", "/projects/3/"],
      [`${url}.evil.example/`, `${url}.evil.example/`],
    ] as const) {
      w.stub.answer((_request, response) => response.writeHead(302, { location }).end());
      const { status, headers } = await w.ask("/projects/3/resolve/?fileuri=czM6Ly9i", {
        headers: owner(),
      });
      assert.equal(status, 302);
      assert.equal(headers.location, expected);
    }
  });

  test("ranges pass both ways, and media may be kept by the browser alone", async () => {
    w.stub.answer((request, response) => {
      assert.equal(request.headers.range, "bytes=0-1");
      response.writeHead(206, { "content-range": "bytes 0-1/9", "content-type": "audio/wav" });
      response.end("ab");
    });
    const got = await w.ask("/data/upload/3/a.wav", {
      headers: { ...owner(), range: "bytes=0-1" },
    });
    assert.equal(got.status, 206, got.text);
    assert.equal(got.headers["content-range"], "bytes 0-1/9");
    assert.equal(got.headers["cache-control"], "private, no-cache");
  });

  test("a body without length is read and sent with one up to 1 MiB, else 411 that can be read", async () => {
    const send = async (size: number) => {
      const sent = w.open(files, {
        method: "POST",
        headers: { ...same(), ...multipartType, "transfer-encoding": "chunked" },
      });
      sent.end(multipart(size));
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      response.resume();
      await once(response, "end");
      return response.statusCode;
    };
    assert.equal(await send(500_000), 200);
    assert.equal(w.stub.arrived[0]?.headers["content-length"], String(multipart(500_000).length));
    assert.equal(w.stub.arrived[0]?.headers["transfer-encoding"], undefined);
    w.stub.arrived.length = 0;
    assert.equal(await send(2_000_000), 411);
    assert.equal(w.stub.arrived.length, 0);
  });

  test("a client that breaks off in mid-upload ends the upload at Label Studio", async () => {
    let broken: Promise<boolean> = Promise.resolve(false);
    const arrived = new Promise<void>((resolve) => {
      w.stub.answer((request) => {
        broken = new Promise((told) => request.once("close", () => told(!request.complete)));
        request.once("data", () => resolve());
        request.on("error", () => undefined);
      }, true);
    });
    const sent = w.open(files, {
      method: "POST",
      headers: { ...same(), ...multipartType, "content-length": "1000000" },
    });
    sent.on("error", () => undefined);
    sent.write(multipart(1000).subarray(0, 500));
    await arrived;
    sent.destroy();
    assert.equal(await broken, true);
  });

  test("a client that leaves ends the work at Label Studio", async () => {
    let left: Promise<boolean> = Promise.resolve(false);
    const asked = new Promise<void>((resolve) => {
      w.stub.answer((_request, response) => {
        left = once(response, "close").then(() => !response.writableEnded);
        resolve();
      });
    });
    const sent = w.open(list, { headers: owner() });
    sent.on("error", () => undefined);
    sent.end();
    await asked;
    sent.destroy();
    assert.equal(await left, true);
  });

  test("an answer that breaks off reaches the client as broken, never as whole", async () => {
    w.stub.answer((_request, response) => {
      response.writeHead(200, { "content-type": "text/plain", "content-length": "1000" });
      response.write("half");
      setTimeout(() => response.destroy(), 20);
    });
    await assert.rejects(w.ask(list, { headers: owner() }));
    w.stub.answer((_request, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.write("half");
      setTimeout(() => response.destroy(), 20);
    });
    await assert.rejects(w.ask(list, { headers: owner() }));
  });

  test("silence is 504, counted from the end of the body; slow addresses have longer", async () => {
    w.stub.answer((_request, response) => void setTimeout(() => sendJson(response, {}), 900));
    const late = await w.ask(list, { headers: owner() });
    assert.equal(late.status, 504);
    assert.match(JSON.parse(late.text).detail, /may still be working/);
    assert.ok(late.headers["retry-after"]);
    const slow = w.open(files, {
      method: "POST",
      headers: { ...same(), ...multipartType, "content-length": String(multipart(10).length) },
    });
    const body = multipart(10);
    // Slower than the first byte may take, and never still for long.
    for (let at = 0; at < body.length; at += 40) {
      slow.write(body.subarray(at, at + 40));
      await sleep(150);
    }
    slow.end();
    const [response] = (await once(slow, "response")) as [IncomingMessage];
    response.resume();
    assert.equal(response.statusCode, 200);
  });

  test("an answer that stands still is cut off", async () => {
    w.stub.answer((_request, response) => {
      response.writeHead(200, { "content-type": "text/plain", "content-length": "1000" });
      response.write("half");
    });
    await assert.rejects(w.ask(list, { headers: owner() }));
  });

  test("Label Studio's HTML errors to API paths get the envelope, its JSON errors pass unchanged", async () => {
    w.stub.answer((_request, response) => {
      response.writeHead(500, { "content-type": "text/html" }).end("<h1>Server Error</h1>");
    });
    const html = await w.ask("/api/projects/3/sample-task", {
      method: "POST",
      body: '{"label_config":"<View/>"}',
      headers: { ...same(), "content-type": "application/json" },
    });
    assert.equal(html.status, 502, html.text);
    assert.equal(JSON.parse(html.text).status_code, 502);
    const json = '{"status_code":409,"detail":"1.0 stays 1.0"}';
    w.stub.answer((_request, response) => {
      response.writeHead(409, { "content-type": "application/json" }).end(json);
    });
    const got = await w.ask(list, { headers: owner() });
    assert.deepEqual([got.status, got.text], [409, json]);
  });

  test("a refused credential is asked again once, and then our own fault: never 401, never its sign-in page", async () => {
    for (const refuse of [
      (response: ServerResponse) => sendJson(response, { detail: "no" }, 401),
      (response: ServerResponse) =>
        response.writeHead(302, { location: "/user/login/?next=/" }).end(),
    ]) {
      w.stub.arrived.length = 0;
      w.stub.answer((_request, response) => refuse(response));
      const got = await w.ask(list, { headers: owner() });
      assert.ok(got.status === 502 || got.status === 503, got.text);
      assert.match(JSON.parse(got.text).detail, /credential|account/i);
    }
  });

  test("what is edited and cannot be understood is 502, never the unedited answer", async () => {
    for (const body of ["<html>secret</html>", '{"secret":', '["secret"]', ""]) {
      w.stub.answer((_request, response) => {
        response.writeHead(200, { "content-type": "application/json" }).end(body);
      });
      const got = await w.ask("/api/current-user/whoami", { headers: { cookie: w.cookies.AN } });
      assert.ok(body === "" || got.status === 502, `${body}: ${got.status}`);
      assert.ok(!got.text.includes("secret"), body);
    }
  });

  test("edited answers lose their length and validators, and ask without conditions", async () => {
    w.stub.answer((request, response) => {
      assert.equal(request.headers["if-none-match"], undefined);
      assert.equal(request.headers.range, undefined);
      const text = "<html><head></head><body>3</body></html>";
      response.writeHead(200, {
        "content-type": "text/html",
        etag: '"1"',
        "content-length": text.length,
      });
      response.end(text);
    });
    const got = await w.ask("/projects/3/data", {
      headers: { ...owner(), ...navigates, "if-none-match": '"1"', range: "bytes=0-1" },
    });
    assert.equal(got.status, 200, got.text);
    assert.equal(got.headers.etag, undefined);
    assert.match(got.text, /<link[^>]+\/labelgate\/styles\/ad-/);
    assert.equal(got.headers["content-length"], String(got.body.length));
    const [, address = ""] = /href="(\/labelgate\/styles\/[^"]+)"/.exec(got.text) ?? [];
    assert.match((await w.ask(address)).text, /display: none/);
  });
});

describe("large transfers", () => {
  const size = 200 * 1_048_576;
  let w: GatewayWorld;
  before(async () => {
    w = await openGatewayWorld(sqliteAlone(), { limits: defaultLimits });
  });
  after(async () => await w.close());

  /** The most memory while `work` goes on, above what there was before. */
  async function growth(work: () => Promise<void>): Promise<number> {
    const start = process.memoryUsage().rss;
    let most = start;
    const look = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 20);
    await work();
    clearInterval(look);
    return (most - start) / 1_048_576;
  }

  const block = Buffer.alloc(65_536, "x");

  test("200 MB down to a slow reader need no 200 MB here", async () => {
    w.stub.answer((_request, response) => {
      response.writeHead(200, {
        "content-type": "application/octet-stream",
        "content-length": size,
      });
      let left = size;
      const more = () => {
        while (left > 0) {
          left -= block.length;
          if (!response.write(block)) return void response.once("drain", more);
        }
        response.end();
      };
      more();
    });
    const grown = await growth(async () => {
      const sent = w.open("/data/upload/3/a.bin", { headers: { cookie: w.cookies.OW } });
      sent.end();
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      let got = 0;
      for await (const chunk of response) {
        got += (chunk as Buffer).length;
        // A reader that rests now and then: what comes meanwhile must wait at Label Studio.
        if (got % (16 * 1_048_576) < 65_536) await sleep(20);
      }
      assert.equal(got, size);
    });
    assert.ok(grown < 120, `${Math.round(grown)} MB`);
  });

  test("200 MB up to a slow Label Studio need no 200 MB here", async () => {
    let got = 0;
    w.stub.answer((request, response) => {
      void (async () => {
        for await (const chunk of request) {
          got += (chunk as Buffer).length;
          if (got % (16 * 1_048_576) < 65_536) await sleep(20);
        }
        sendJson(response, { got });
      })();
    }, true);
    const grown = await growth(async () => {
      const sent = w.open("/api/projects/3/import", {
        method: "POST",
        headers: {
          ...{ cookie: w.cookies.OW, origin, ...multipartType },
          "content-length": String(size),
        },
      });
      for (let left = size; left > 0; left -= block.length) {
        if (!sent.write(block)) await once(sent, "drain");
      }
      sent.end();
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      response.resume();
      assert.equal(response.statusCode, 200);
    });
    assert.equal(got, size);
    assert.ok(grown < 120, `${Math.round(grown)} MB`);
  });

  test("more than UPSTREAM_MAX_UPLOAD_BYTES is 413, in JSON", async () => {
    const sent = w.open("/api/projects/3/import", {
      method: "POST",
      headers: {
        ...{ cookie: w.cookies.OW, origin, ...multipartType },
        "content-length": String(300 * 1_048_576),
      },
    });
    sent.on("error", () => undefined);
    sent.write(block);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    assert.equal(response.statusCode, 413);
    assert.match(response.headers["content-type"] ?? "", /json/);
    sent.destroy();
  });
});
