import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { pinned, shipped } from "./install.ts";
import { parseEvent } from "./label-studio.ts";
import { isFitting } from "./python.ts";

describe("what is installed", () => {
  for (const name of ["requirements", "build", "uv"]) {
    test(`${name}.lock has a hash for each package that it pins`, () => {
      const blocks = readFileSync(shipped(`${name}.lock`), "utf8")
        .split(/\n(?=[a-z0-9])/i)
        .filter((block) => !block.startsWith("#"));
      assert.ok(blocks.length > 0);
      for (const block of blocks)
        assert.match(block, /^[\w.-]+==\S+[\s\S]*--hash=sha256:[0-9a-f]{64}/);
    });

    test(`${name}.lock pins what ${name}.in asks for`, () => {
      const lock = readFileSync(shipped(`${name}.lock`), "utf8");
      const asked = readFileSync(shipped(`${name}.in`), "utf8")
        .trim()
        .split("\n");
      for (const pin of asked) assert.ok(lock.includes(`\n${pin} `), pin);
    });
  }

  test("the schema is of the version that is pinned, and holds no account and no key", () => {
    const schema = readFileSync(shipped("schema.sql"), "utf8");
    const version = /^label-studio==(\S+)/m.exec(
      readFileSync(shipped("requirements.in"), "utf8"),
    )?.[1];
    assert.equal(schema.split("\n")[0], `-- label-studio ${version}`);
    assert.match(schema, /CREATE TABLE "htx_user"/);
    assert.doesNotMatch(
      schema,
      /INSERT INTO "?(htx_user|organization|organizations_\w+|authtoken_token|jwt_auth_\w+)"? /,
    );
  });

  test("every file is checked by its hash, and nothing is built with what is not pinned", () => {
    const args = pinned({ wheels: "" }, "/l/requirements.lock");
    for (const asked of ["--require-hashes", "--no-deps", "--no-build-isolation"]) {
      assert.ok(args.includes(asked), asked);
    }
    assert.ok(!args.includes("--no-index"));
  });

  test("with a folder of wheels no index is asked", () => {
    const args = pinned({ wheels: "/srv/wheels" }, "/l/requirements.lock");
    assert.deepEqual(args.slice(3, 6), ["--no-index", "--find-links", "/srv/wheels"]);
  });

  test("Python 3.10 to 3.13 fit, and no other", () => {
    assert.deepEqual(["3.10", "3.13"].map(isFitting), [true, true]);
    assert.deepEqual(["2.7", "3.9", "3.14", "0.0", "", "x"].map(isFitting), Array(6).fill(false));
  });
});

describe("events of run.py", () => {
  test("known ones are read, everything else is passed over", () => {
    assert.deepEqual(parseEvent('{"event":"migrating","done":3,"total":261}'), {
      event: "migrating",
      done: 3,
      total: 261,
    });
    for (const line of ["", "x", "{}", "[]", '{"event":"other"}', '{"event":"migrating"}']) {
      assert.equal(parseEvent(line), null);
    }
  });
});
