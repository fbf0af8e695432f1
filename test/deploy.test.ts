/** The image and the Compose file, as far as they can be held to the rest without a Docker. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { variables } from "../src/config-variables.ts";

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), "utf8");

interface Service {
  readonly image?: string;
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly environment: Readonly<Record<string, string | number>>;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
}

const compose = parse(read("deploy/compose.yaml")) as Compose;
const service = (name: string): Service => {
  const found = compose.services[name];
  assert.ok(found, name);
  return found;
};

describe("the Compose file", () => {
  test("asks for nothing that .env.example does not name, and names nothing in vain", () => {
    const text = read("deploy/compose.yaml");
    const asked = [...text.matchAll(/\$\{([A-Z_]+):\?\}/g)].map(([, name]) => name);
    const named = [...read("deploy/.env.example").matchAll(/^([A-Z_]+)=/gm)].map(
      ([, name]) => name,
    );
    assert.deepEqual(new Set(named), new Set(asked));
  });

  test("publishes Labelgate alone, and to this machine alone", () => {
    const published = Object.entries(compose.services).filter(
      ([, { ports }]) => ports !== undefined,
    );
    assert.deepEqual(
      published.map(([name]) => name),
      ["labelgate"],
    );
    for (const port of service("labelgate").ports ?? []) assert.match(port, /^127\.0\.0\.1:/);
    assert.deepEqual(compose.networks["inside"], { internal: true });
    assert.deepEqual(service("postgres").networks, ["inside"]);
  });

  test("sets variables of Labelgate's that there are, and both servers' key alike", () => {
    const known = new Set<string>(Object.values(variables).map(({ name }) => name));
    const { environment } = service("labelgate");
    for (const name of Object.keys(environment)) assert.ok(known.has(name), name);
    const studio = service("label-studio").environment;
    assert.equal(environment["UPSTREAM_SECRET_KEY"], studio["SECRET_KEY"]);
    assert.notEqual(environment["SECRET_KEY"], studio["SECRET_KEY"]);
  });

  test("runs the Label Studio that is embedded, with every setting that the docs ask for", () => {
    const [, version] =
      /^label-studio==(\S+)/m.exec(read("src/cli/embedded/requirements.in")) ?? [];
    assert.equal(service("label-studio").image, `heartexlabs/label-studio:${version}`);
    const { environment } = service("label-studio");
    const table =
      /\| Label Studio's variable[\s\S]*?\n\n/.exec(read("docs/label-studio.md"))?.[0] ?? "";
    // The image's own nginx is what Labelgate talks to.
    const names = [...table.matchAll(/`([A-Z_]{6,})`(?=[^|\n]*\|[^|\n]*\|)/g)]
      .map(([, name = ""]) => name)
      .filter((name) => !/^(?:USE_NGINX|UPSTREAM)/.test(name));
    assert.ok(names.length > 5, names.join());
    for (const name of names) assert.ok(Object.hasOwn(environment, name), name);
  });
});

describe("the image", () => {
  const dockerfile = read("deploy/Dockerfile");

  test("is built from the sources alone: keys and packages of this machine stay out", () => {
    const ignored = new Set(read(".dockerignore").split("\n"));
    for (const name of [".git", "data", "**/node_modules", "dist", "deploy/.env", ".cache"]) {
      assert.ok(ignored.has(name), name);
    }
    for (const line of read(".gitignore").split("\n")) {
      const name = line.replace(/\/$/, "").trim();
      if (name === "" || name.startsWith("#")) continue;
      assert.ok(
        [name, `**/${name}`].some((entry) => ignored.has(entry)),
        name,
      );
    }
  });

  test("starts as npm does, as somebody who owns nothing, with files that there are", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: { start: string } };
    const flags = scripts.start.match(/--\S+/g) ?? [];
    const [, command = "[]"] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? [];
    assert.deepEqual(JSON.parse(command), ["node", ...flags, "dist/src/main.js", "serve"]);
    assert.match(dockerfile, /^USER node$/m);
    for (const name of ["package.json", "package-lock.json", "LICENSE", "NOTICE"]) {
      assert.ok(existsSync(fileURLToPath(new URL(`../${name}`, import.meta.url))), name);
    }
  });
});
