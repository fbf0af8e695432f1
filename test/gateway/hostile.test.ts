/**
 * What somebody tries who is signed in and wants more, thought by thought (GATEWAY 10.3, 10.4): each
 * ends here, or goes on as what the table allows. The level of bytes is wire.test.ts's, the table's own
 * sweep is policy-sweep.test.ts's.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import {
  type GatewayWorld,
  openGatewayWorld,
  origin,
  publicHost,
  sqliteAlone,
} from "./gateway-world.ts";
import { sendJson } from "./stub.ts";

const list = "/api/label_links?project=3";
const isJson = { "content-type": "application/json" };
const annotations = "/api/tasks/9/annotations?project=3";
const annotation = {
  ...{ id: 5, result: [], completed_by: 4, was_cancelled: false, task: 9, project: 3 },
};

describe("somebody who wants more", () => {
  let w: GatewayWorld;
  before(async () => {
    w = await openGatewayWorld(sqliteAlone());
  });
  after(async () => await w.close());
  beforeEach(() => {
    w.stub.answer(({ url = "" }, response) => {
      const isTask = url.startsWith("/api/tasks/9/?include=");
      sendJson(response, isTask ? { id: 9, project: 3 } : annotation);
    });
    w.stub.arrived.length = 0;
  });

  const anna = () => ({ cookie: w.cookies.AN, origin });
  const sent = () => w.stub.arrived.filter(({ method }) => method !== "GET");

  test("no other method reaches Label Studio, and none turns into another", async () => {
    for (const method of ["PUT", "TRACE", "OPTIONS", "PROPFIND", "PURGE", "LINK", "QUERY"]) {
      const got = await w.ask("/api/projects/3/", { method, headers: anna() });
      assert.ok(got.status >= 400 && got.status < 500, `${method}: ${got.status}`);
    }
    const line = (text: string) =>
      w.raw(
        `${text}\r\nHost: ${publicHost}\r\nCookie: ${w.cookies.OW}\r\nConnection: close\r\n\r\n`,
      );
    const connected = await line(`CONNECT ${new URL(w.stub.url).host} HTTP/1.1`);
    assert.doesNotMatch(connected, /^HTTP\/1\.1 2/);
    assert.doesNotMatch(await line(`get ${list} HTTP/1.1`), /^HTTP\/1\.1 2/);
    assert.deepEqual(w.stub.arrived, []);
  });

  test("an author, a task or a project in the body goes nowhere, however it is written", async () => {
    const bodies: readonly string[] = [
      '{"result":[],"completed_by":1,"completed_by":2}',
      '{"result":[],"completed\\u005fby":1,"\\u0074ask":10,"project":3}',
      '{"result":[],"__proto__":{"completed_by":1},"constructor":{"completed_by":1}}',
      '{"result":[],"user":1,"updated_by":1,"unique_id":"x","last_created_by":1}',
      '{"result":[],"Completed_by":1,"completed_by ":1,"completed_by\\u0000":1}',
    ];
    for (const body of bodies) {
      const got = await w.ask(annotations, {
        method: "POST",
        headers: { ...anna(), ...isJson },
        body,
      });
      assert.equal(got.status, 200, `${body} ${got.text}`);
      assert.equal(sent().at(-1)?.body, '{"result":[]}', body);
    }
    const foreign = await w.ask(annotations, {
      ...{ method: "POST", headers: { ...anna(), ...isJson } },
      body: '{"result":[],"\\u0070roject":4}',
    });
    assert.equal(foreign.status, 404);
    const forms: readonly (readonly [string, string])[] = [
      ["application/x-www-form-urlencoded", "result=%5B%5D&completed_by=1"],
      ["application/x-www-form-urlencoded; charset=utf-8", "result=%5B%5D&completed%5Fby=1"],
      [
        "multipart/form-data; boundary=b",
        '--b\r\nContent-Disposition: form-data; name="result"\r\n\r\n[]\r\n--b\r\nContent-Disposition: form-data; name="completed_by"\r\n\r\n1\r\n--b--\r\n',
      ],
    ];
    for (const [type, body] of forms) {
      const headers = { ...anna(), "content-type": type };
      const before = sent().length;
      const got = await w.ask(annotations, { method: "POST", headers, body });
      const arrived = sent().slice(before);
      if (got.status === 200) assert.equal(arrived[0]?.body, "result=%5B%5D", type);
      else assert.deepEqual([got.status, arrived], [415, []], type);
    }
  });

  test("bodies that two readers would read differently are refused", async () => {
    const good = '{"result":[]}';
    const bad: readonly (readonly [string, string | Buffer])[] = [
      ["application/json; charset=utf-7", good],
      ["application/json; charset=utf-16", Buffer.from(good, "utf16le")],
      ["application/json;charset=utf-8;charset=utf-7", good],
      ["application/json, text/plain", good],
      ["text/json", good],
      ["application/merge-patch+json", good],
      ["application/json", Buffer.from([0xef, 0xbb, 0xbf, ...Buffer.from(good)])],
      ["application/json", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
      ["application/json", `${good}{"completed_by":1}`],
      ["application/json", `${'{"result":'.repeat(5000)}[]${"}".repeat(5000)}`],
      ["application/json", "[".repeat(200_000)],
      ["application/json", "NaN"],
      ["application/x-www-form-urlencoded", "result=[]&completed_by=1&result=[1]"],
      ["multipart/form-data; boundary=b; boundary=c", "--b--\r\n"],
      [
        "multipart/form-data; boundary=b",
        '--b\r\nContent-Disposition: form-data; name="result"\r\nContent-Transfer-Encoding: base64\r\n\r\nW10=\r\n--b--\r\n',
      ],
      [
        "multipart/form-data; boundary=b",
        "--b\r\nContent-Disposition: form-data; name*=utf-8''result\r\n\r\n[]\r\n--b--\r\n",
      ],
    ];
    for (const [type, body] of bad) {
      const headers = { ...anna(), "content-type": type };
      const got = await w.ask(annotations, { method: "POST", headers, body });
      assert.ok(
        [400, 415].includes(got.status),
        `${type} ${String(body).slice(0, 60)}: ${got.status}`,
      );
    }
    const packed = { ...anna(), ...isJson, "content-encoding": "gzip" };
    const got = await w.ask(annotations, { method: "POST", headers: packed, body: good });
    assert.equal(got.status, 415);
    assert.deepEqual(sent(), []);
  });

  test("numbers that JavaScript would change go on as they were written", async () => {
    const numbers = "[12345678901234567890,1.0,1e400,-0,0.1e-7,9007199254740993]";
    const body = `{"result":[{"value":${numbers}}],"lead_time":1.50}`;
    await w.ask(annotations, { method: "POST", headers: { ...anna(), ...isJson }, body });
    assert.equal(sent().at(-1)?.body, body);
  });

  test("a parameter in another spelling is refused or falls away", async () => {
    const tries = [
      ...["project=3&project=4", "project=4&project=3", "project=%33&project=4", "project=03"],
      ...["project=+3", "project=3%20", "project=%EF%BC%93", "project=3_0", "project=3.0"],
      ...["project=3%00", "project=3%0d%0aX:1", "project=-3", "project=0x3", "project=", "project"],
      ...[
        "project[]=3",
        "Project=3",
        "project%20=3",
        "%70roject=4&project=3",
        "project=3;project=4",
      ],
    ];
    for (const query of tries) {
      const got = await w.ask(`/api/label_links?${query}`, { headers: anna() });
      assert.equal(got.status, 400, `${query}: ${got.status}`);
    }
    const more = ["project[]=4", "Project=4", "format=api", "view=4", "_method=DELETE", "ids=4"];
    await w.ask(`${list}&${more.join("&")}`, { headers: anna() });
    assert.deepEqual(
      w.stub.arrived.map(({ url }) => url),
      ["/api/label_links/?project=3"],
    );
  });

  test("cookies of Label Studio's own names, and many of ours, give nobody more", async () => {
    const [name = ""] = w.cookies.AN.split("=");
    const own = { cookie: `sessionid=owner; csrftoken=1; ${w.cookies.AN}; user=1` };
    assert.equal((await w.ask("/projects/3/settings", { headers: own })).status, 403);
    for (const cookie of [
      `${name}=; ${name}="; ${w.cookies.AN.toUpperCase()}`,
      `${name}=${"x".repeat(5000)}`,
      `sessionid=owner`,
      `${name} =${w.cookies.AN.split("=")[1]}`.replace(" ", "\t"),
    ]) {
      const { status } = await w.ask(list, { headers: { cookie } });
      assert.ok(status === 401 || status === 400, `${cookie.slice(0, 40)}: ${status}`);
    }
    assert.deepEqual(w.stub.arrived, []);
  });

  test("a validator of somebody else's answer tells nothing: who may not see it gets a 404", async () => {
    w.stub.answer((request, response) => {
      const isSame = request.headers["if-none-match"] === '"v1"';
      response.writeHead(isSame ? 304 : 200, { etag: '"v1"', "content-type": "text/plain" });
      response.end(isSame ? undefined : "secret");
    });
    const asked = (project: number, cookie: string) =>
      w.ask(`/data/upload/${project}/a.txt`, { headers: { cookie, "if-none-match": '"v1"' } });
    const seen = await asked(3, w.cookies.AN);
    assert.equal(seen.status, 304);
    assert.equal(seen.headers["cache-control"], "private, no-cache");
    w.stub.arrived.length = 0;
    assert.equal((await asked(4, w.cookies.AN)).status, 404);
    assert.equal((await asked(3, "nothing=1")).status, 401);
    const range = { cookie: w.cookies.AN, range: "bytes=0-1", "if-range": '"v1"' };
    assert.equal((await w.ask("/data/upload/4/a.txt", { headers: range })).status, 404);
    assert.deepEqual(w.stub.arrived, []);
  });

  test("HEAD is as GET: the same refusals, the same headers, and never a body", async () => {
    const headers = anna();
    assert.equal((await w.ask("/api/projects/4/", { method: "HEAD", headers })).status, 404);
    assert.equal((await w.ask("/projects/3/settings", { method: "HEAD", headers })).status, 403);
    assert.equal((await w.ask(list, { method: "HEAD" })).status, 401);
    assert.deepEqual(w.stub.arrived, []);
    const path = "/api/annotations/5/?taskID=9";
    const whole = await w.ask(path, { headers });
    const head = await w.ask(path, { method: "HEAD", headers });
    assert.deepEqual([head.status, head.body.length], [whole.status, 0]);
    assert.equal(head.headers["content-length"], whole.headers["content-length"]);
  });

  test("a file's path is a path below its project's folder, in no spelling another's", async () => {
    const paths = [
      ...["3/../4/a.txt", "3/%2e%2e/4/a.txt", "3/..%2f4/a.txt", "3/%2e%2e%2f4/a.txt", "3//4/a.txt"],
      ...["3/..%5c4/a.txt", "3/%252e%252e/4/a", "3/a.txt%00.png", "3/a;/../4", "./4/a.txt"],
      ...["03/a.txt", "3/", "%33/../4/a.txt", "4/a.txt", "3%2f..%2f4/a.txt", "3/./a", "3/a%0d%0a"],
    ];
    for (const path of paths) {
      const got = await w.ask(`/data/upload/${path}`, { headers: anna() });
      assert.ok([400, 404].includes(got.status), `${path}: ${got.status}`);
    }
    for (const value of ["upload/4/a", "upload/3/../4/a", "/etc/passwd", "upload%2f4%2fa", "3/a"]) {
      const path = `/storage-data/uploaded/?filepath=${encodeURIComponent(value)}`;
      const got = await w.ask(path, { headers: anna() });
      assert.ok([400, 404].includes(got.status), `${value}: ${got.status}`);
    }
    assert.deepEqual(w.stub.arrived, []);
  });

  test("headers of an answer that cannot be written end that answer, and nothing else", async () => {
    for (const path of [list, "/data/upload/3/a.csv", "/projects/3/data", "/api/projects/3/"]) {
      w.stub.answer((_request, response) => {
        response.socket?.end(
          'HTTP/1.1 200 OK\r\nContent-Type: text/csv; x="\u20ac"\r\nContent-Disposition: attachment; filename="\u{1f9a6}.csv"\r\nRetry-After: \u00e4\u20ac\r\nLocation: /\u20ac\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok',
        );
      });
      const got = await w.ask(path, { headers: anna() });
      assert.ok([200, 502].includes(got.status), `${path}: ${got.status}`);
    }
    w.stub.answer((_request, response) => sendJson(response, { ok: true }));
    assert.equal((await w.ask(list, { headers: { cookie: w.cookies.OW } })).status, 200);
  });
});
