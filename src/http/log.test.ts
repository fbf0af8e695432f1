import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { createLogger, pathOf } from "./log.ts";

function logged(write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown> {
  let text = "";
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  write(createLogger({ logLevel: "info" }, destination));
  return JSON.parse(text) as Record<string, unknown>;
}

test("An error is logged with its causes, and without what libraries hang on it", () => {
  const cause = Object.assign(new Error("duplicate key"), {
    code: "23505",
    detail: "Key (email)=(ada@example.com) already exists.",
    query: "insert into users",
  });
  const line = logged((log) => {
    log.error({ err: new Error("saving failed", { cause }) }, "request failed");
  });
  assert.doesNotMatch(JSON.stringify(line), /ada@example\.com|insert into/);
  assert.match(JSON.stringify(line), /saving failed.*duplicate key.*23505|23505/);
});

test("A path is logged without its query, and never endlessly", () => {
  assert.equal(pathOf("/setup?token=secret"), "/setup");
  assert.equal(pathOf(`/${"a".repeat(5000)}`).length, 512);
});
