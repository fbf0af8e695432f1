/**
 * The house rules of DESIGN 1 and 4 that a reader of one file cannot see, enforced over all of src/.
 *
 *   main → cli → http → {sso, provisioning, settings, people, pages} → store → {saml, scim, access}
 *
 * A folder reaches only what its row names; a folder without a row fails, so that a new one is a
 * decision and not an accident. Test files beside the source are not part of the house.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, test } from "node:test";

/** Folders from the top down; those of one line may not import one another. */
const layers: readonly (readonly string[])[] = [
  ["cli"],
  ["http"],
  ["sso", "provisioning", "settings", "people", "pages", "gateway"],
  ["credentials"],
  ["store"],
  ["saml", "scim", "labelstudio", "access"],
];

/** Imports within a layer that stand against the rule, each with the reason why it may. */
const sideways: Readonly<Record<string, string>> = {
  "saml access": "an assertion is read into the identity that the access rules decide about",
  "labelstudio access": "what a request may do in Label Studio follows from the roles",
  "scim access": "a pushed group is read into the changes that the access rules name",
  "pages people":
    "a page is the form in front of a flow of people/, as routes.ts is its API; people/ knows no page",
};

/** A function of its arguments: no clock, no chance, no waiting for the world, no logging. */
const pure = ["access", "saml", "scim", "labelstudio"];

/** Files that all folders share. Pure folders see errors.ts alone, and access/ not even that. */
const shared = ["errors.ts", "errors-answer.ts", "deps.ts", "config.ts", "html.ts"];

/** Folder → the other folders, shared files and packages that it may import. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  access: [],
  saml: ["access", "errors.ts", "node:buffer", "node:crypto", "node:util", "node:zlib"],
  scim: ["access", "errors.ts", "node:url"],
  labelstudio: ["access", "errors.ts", "node:buffer", "node:crypto"],
  credentials: ["access", "store", ...shared, "jose", "node:crypto", "node:http"],
  gateway: [
    ...["access", "labelstudio", "credentials", "store", ...shared, "fastify", "undici", "zod"],
    ...["node:buffer", "node:crypto", "node:http", "node:stream", "node:timers/promises"],
    ...["node:url", "node:util", "node:zlib"],
  ],
  store: [
    ...["access", "scim", "errors.ts", "kysely", "pg", "node:crypto", "node:fs", "node:path"],
    ...["node:sqlite", "node:timers/promises", "node:url", "node:util"],
  ],
  sso: ["access", "saml", "credentials", "store", ...shared, "fastify", "node:crypto", "node:util"],
  provisioning: [
    "access",
    "scim",
    "credentials",
    "store",
    ...shared,
    "fastify",
    "zod",
    "node:crypto",
  ],
  settings: [
    ...[
      "access",
      "saml",
      "credentials",
      "store",
      ...shared,
      "mail.ts",
      "setting-fields.ts",
      "fastify",
      "@fastify/multipart",
      "zod",
    ],
    ...[
      "undici",
      "ipaddr.js",
      "node:crypto",
      "node:dns/promises",
      "node:http",
      "node:net",
      "node:url",
    ],
    ...["node:util", "node:zlib"],
  ],
  people: [
    ...[
      // Explains what the next sign-in would do, and whether the Owner's may happen at all.
      "access",
      "saml",
      "credentials",
      "store",
      ...shared,
      "mail.ts",
      "setting-fields.ts",
      "fastify",
      "jose",
      "zod",
      "node:crypto",
    ],
    ...["node:net", "node:timers/promises", "node:util"],
  ],
  pages: ["access", "people", "credentials", "store", ...shared, "fastify"],
  http: [
    ...["sso", "provisioning", "settings", "people", "pages", "gateway", "credentials", "store"],
    ...["labelstudio", "access", ...shared, "setting-fields.ts", "fastify", "@fastify/cookie"],
    ...["helmet"],
    ...["@fastify/multipart", "@fastify/static", "ipaddr.js", "pino", "prom-client", "zod"],
    ...["node:async_hooks", "node:crypto", "node:fs", "node:http", "node:net", "node:path"],
    ...["node:querystring", "node:stream", "node:timers/promises", "node:url"],
  ],
  // The command line wires: it may reach everything but what only a protocol or a page needs.
  cli: [
    ...["http", "sso", "provisioning", "settings", "people", "pages", "gateway", "credentials"],
    ...["store", "saml", "access"],
    ...[...shared, "random.ts", "fastify", "pino", "yaml", "zod"],
    ...["node:crypto", "node:fs", "node:path", "node:util"],
    // embedded/ installs and runs another program, locks a file and asks a socket.
    ...["node:child_process", "node:http", "node:os", "node:readline", "node:sqlite"],
    ...["node:stream", "node:timers/promises", "node:url"],
  ],
};

/** The same for the files at the root of src/; `config-*.ts` are parts of config.ts. */
const rootMayImport: Readonly<Record<string, readonly string[]>> = {
  "errors.ts": ["errors-studio.ts"],
  "errors-studio.ts": [],
  "errors-answer.ts": ["errors.ts", "html.ts"],
  "html.ts": [],
  "random.ts": ["node:crypto"],
  "setting-fields.ts": ["access", "store", "zod"],
  "mail.ts": ["config.ts", "deps.ts", "nodemailer"],
  "config.ts": ["zod", "node:crypto", "node:fs", "node:net", "node:path"],
  "deps.ts": ["access", "store", "config.ts", "html.ts", "pino"],
  "main.ts": [
    ...["cli", "people", "store", ...shared],
    ...["node:child_process", "node:fs", "node:process", "node:url", "node:util"],
  ],
};

interface SourceFile {
  readonly path: string;
  /** The first folder under src/, or "" for a file at its root. */
  readonly folder: string;
  /** Without comments, so that an explanation breaks no rule. */
  readonly code: string;
}

const sources: readonly SourceFile[] = readdirSync("src", { recursive: true, encoding: "utf8" })
  .map((name) => name.replaceAll("\\", "/"))
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
  .sort()
  .map((name) => ({
    path: `src/${name}`,
    folder: name.includes("/") ? (name.split("/")[0] ?? "") : "",
    code: withoutComments(readFileSync(join("src", name), "utf8")),
  }));

const folders = readdirSync("src", { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

function withoutComments(source: string): string {
  return source.replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, "").replaceAll(/(^|\s)\/\/.*$/gm, "");
}

/** Every module that `code` names: static, dynamic, type-only, re-exported, required. */
function importsOf(code: string): string[] {
  const pattern =
    /\bfrom\s+"([^"]+)"|\bimport\s+"([^"]+)"|\b(?:import|require)\(\s*["'`]([^"'`]+)/g;
  return [...code.matchAll(pattern)].map(([, from, bare, call]) => from ?? bare ?? call ?? "");
}

/** What an import reaches, as the table names it: a folder, a file at the root, or a package. */
function reached({ path }: SourceFile, target: string): string {
  if (!target.startsWith(".")) return target;
  const resolved = normalize(join(dirname(path), target)).replaceAll("\\", "/");
  const [top = "", inside = ""] = resolved.split("/");
  return top === "src" ? inside.replace(/^config-.*/, "config.ts") : `${top}/`;
}

function forbiddenImports(file: SourceFile, own: string, allowed: readonly string[]): string[] {
  return importsOf(file.code)
    .filter((target) => {
      const name = reached(file, target);
      return name !== own && !allowed.includes(name);
    })
    .map((target) => `${file.path} imports ${target}`);
}

describe("the import table", () => {
  for (const folder of folders.filter((name) => sources.some((file) => file.folder === name))) {
    test(`${folder}/ imports only what its row names`, () => {
      const allowed = mayImport[folder];
      assert.ok(allowed, `${folder}/ has no row in the import table`);
      const files = sources.filter((file) => file.folder === folder);
      const found = files.flatMap((file) => forbiddenImports(file, folder, allowed));
      assert.deepEqual(found, []);
    });
  }

  test("a file at the root imports only what its row names", () => {
    const found = sources
      .filter(({ folder }) => folder === "")
      .flatMap((file) => {
        const name = reached(file, `./${file.path.slice("src/".length)}`);
        const allowed = rootMayImport[name];
        assert.ok(allowed, `${file.path} has no row in the import table`);
        return forbiddenImports(file, name, allowed);
      });
    assert.deepEqual(found, []);
  });

  test("imports go one way: a row names only folders of the layers below its own", () => {
    const levelOf = (folder: string) => layers.findIndex((layer) => layer.includes(folder));
    const found = Object.entries(mayImport).flatMap(([folder, allowed]) => {
      assert.ok(levelOf(folder) >= 0, `${folder}/ stands in no layer`);
      return allowed
        .filter((name) => levelOf(name) >= 0 && levelOf(name) <= levelOf(folder))
        .map((name) => `${folder} ${name}`);
    });
    assert.deepEqual(
      found.filter((pair) => sideways[pair] === undefined),
      [],
    );
  });

  test("only folders that are not pure see deps.ts, and access/ sees no shared file at all", () => {
    for (const folder of pure) assert.ok(!mayImport[folder]?.includes("deps.ts"), folder);
    assert.deepEqual(mayImport["access"], []);
  });

  test("src never imports demo/ or test/, nor a test file", () => {
    const found = sources.flatMap((file) =>
      importsOf(file.code)
        .filter((target) => /\.test\.ts$/.test(target) || /\/$/.test(reached(file, target)))
        .map((target) => `${file.path} imports ${target}`),
    );
    assert.deepEqual(found, []);
  });

  test("every way to name a module is seen", () => {
    const code = `
      import { a } from "./a.ts";
      import type {
        B,
      } from "./b.ts";
      export { c } from "./c.ts";
      import "./d.ts";
      const e = await import("./e.ts");
      const f = require('./f.ts');
      Buffer.from("00");
    `;
    assert.deepEqual(
      importsOf(code),
      ["a", "b", "c", "d", "e", "f"].map((name) => `./${name}.ts`),
    );
  });
});

describe("the administrators' app", () => {
  /** What web/ shares with the server: words and rules, none of which needs anything of a server. */
  const sharedFiles = [
    ...["src/access/roles.ts", "src/access/hints.ts", "src/saml/presets.ts"],
    ...["src/access/setting-rows.ts", "src/access/settings-table.ts"],
    "src/access/nameid-format.ts",
  ];
  /** Of the rules, and of answers. */
  const sharedTypes = [
    ...["src/access/changes.ts", "src/access/authorize.ts", "src/settings/answer-schemas.ts"],
    ...["src/http/openapi/answers.ts", "src/http/openapi/sign-on-answers.ts"],
    "src/http/openapi/upstream-answers.ts",
  ];

  const webSources: readonly SourceFile[] = readdirSync("web/src", {
    recursive: true,
    encoding: "utf8",
  })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => /\.tsx?$/.test(name))
    .sort()
    .map((name) => ({
      path: `web/src/${name}`,
      folder: "web",
      code: withoutComments(readFileSync(join("web/src", name), "utf8")),
    }));

  const withoutTypeImports = (code: string) => code.replaceAll(/\bimport type\b[^;]*;/g, "");

  /** The file of src/ that an import reaches, or "" where it reaches none. */
  const serverFile = (path: string, target: string): string => {
    const resolved = normalize(join(dirname(path), target)).replaceAll("\\", "/");
    return target.startsWith(".") && resolved.startsWith("src/") ? resolved : "";
  };

  test("web/ imports of src/ only the words that both speak, and of the rules only types", () => {
    const found = webSources.flatMap(({ path, code }) => {
      const values = importsOf(withoutTypeImports(code)).map((target) => serverFile(path, target));
      const all = importsOf(code).map((target) => serverFile(path, target));
      return [
        ...values.filter((file) => file !== "" && !sharedFiles.includes(file)),
        ...all.filter((file) => file !== "" && ![...sharedFiles, ...sharedTypes].includes(file)),
      ].map((file) => `${path} imports ${file}`);
    });
    assert.deepEqual(found, []);
  });

  test("what web/ shares reaches nothing that a browser lacks", () => {
    const found = sources
      .filter(({ path }) => sharedFiles.includes(path))
      .flatMap((file) =>
        importsOf(withoutTypeImports(file.code))
          .filter(
            (target) => target !== "zod" && !sharedFiles.includes(serverFile(file.path, target)),
          )
          .map((target) => `${file.path} imports ${target}`),
      );
    assert.deepEqual(found, []);
  });

  test("a page of web/ imports no other area's page: what two share stands in ui/ or api/", () => {
    const found = webSources.flatMap(({ path, code }) => {
      const area = /^web\/src\/pages\/([^/]+)\//.exec(path)?.[1];
      if (area === undefined) return [];
      return importsOf(code)
        .map((target) => normalize(join(dirname(path), target)).replaceAll("\\", "/"))
        .filter((target) => target.startsWith("web/src/pages/"))
        .filter((target) => !target.startsWith(`web/src/pages/${area}/`))
        .map((target) => `${path} imports ${target}`);
    });
    assert.deepEqual(found, []);
  });

  test("nothing of web/ writes markup from text or evaluates text", () => {
    const found = webSources.filter(({ code }) =>
      /dangerouslySetInnerHTML|\binnerHTML\b|insertAdjacentHTML|\beval\(|new Function/.test(code),
    );
    assert.deepEqual(
      found.map(({ path }) => path),
      [],
    );
  });

  test("src never imports web/", () => {
    const found = sources.flatMap((file) =>
      importsOf(file.code)
        .filter((target) => reached(file, target) === "web/")
        .map((target) => `${file.path} imports ${target}`),
    );
    assert.deepEqual(found, []);
  });
});

describe("purity", () => {
  const impure: readonly (readonly [what: string, pattern: RegExp])[] = [
    ["the clock", /\bDate\.now\b|new Date\(\s*\)|\bDate\(\s*\)|\bperformance\.|\bhrtime\b/],
    ["chance", /Math\.random|\brandom(?:UUID|Bytes|Int|Fill\w*)\b|getRandomValues/],
    ["the process", /\bprocess\.|\bconsole\./],
    ["the network", /\bfetch\(|\bXMLHttpRequest\b|\bWebSocket\b/],
    ["time passing", /\bset(?:Timeout|Interval|Immediate)\b|queueMicrotask/],
  ];
  for (const folder of pure.filter((name) => folders.includes(name))) {
    for (const [what, pattern] of impure) {
      test(`${folder}/ is pure: it knows nothing of ${what}`, () => {
        const found = sources.filter((file) => file.folder === folder && pattern.test(file.code));
        assert.deepEqual(
          found.map(({ path }) => path),
          [],
        );
      });
    }
  }

  test("access/ never waits", () => {
    const found = sources.filter(
      ({ folder, code }) => folder === "access" && /\b(?:async|await|Promise)\b/.test(code),
    );
    assert.deepEqual(
      found.map(({ path }) => path),
      [],
    );
  });
});

test("only config.ts reads the environment", () => {
  const found = sources.filter(
    ({ path, code }) => path !== "src/config.ts" && /process\.env|from "node:process"/.test(code),
  );
  assert.deepEqual(
    found.map(({ path }) => path),
    [],
  );
});

describe("one writer (DESIGN invariant 1)", () => {
  const ofPeopleAndAccess = [
    ...["users", "memberships", "workspaces", "workspace_members", "project_members"],
    "scim_assignments",
  ];
  /** apply.ts takes plans; the others are parts of it, for one person and for many. */
  const writers = ["apply", "apply-assignment", "apply-change", "apply-many", "apply-source"].map(
    (name) => `src/store/${name}.ts`,
  );

  /** Writes beside the writer, each with the reason why it is neither people nor access. */
  const exceptions: Readonly<Record<string, string>> = {
    "src/store/noted-sign-ins.ts updateTable memberships":
      "last_sign_in_at and last_groups say what was seen and grant nothing",
    "src/store/passwords.ts updateTable users":
      "password_hash is a credential's new form, replaced when its parameters are strengthened",
    "src/store/upstream-accounts.ts updateTable users":
      "which account of Label Studio is the person's: what they may do follows from the membership",
    "src/store/projects.ts insertInto workspaces":
      "a workspace made by hand has no members, so that nobody's access changes",
    "src/store/workspaces.ts updateTable workspaces":
      "title, description, color and archiving change nobody's access",
    "src/store/workspaces.ts deleteFrom workspaces":
      "a workspace goes once its projects are gone and apply.ts has taken its last members",
  };

  const writes = sources
    .filter(({ path }) => !writers.includes(path) && !path.startsWith("src/store/migrations/"))
    .flatMap(({ path, code }) =>
      [...code.matchAll(/\b(insertInto|updateTable|deleteFrom|mergeInto)\(\s*([^)\s,]+)/g)].map(
        ([, verb = "", table = ""]) => ({ path, verb, table }),
      ),
    );

  test("nothing but store/apply.ts writes the tables of people and access", () => {
    const found = writes
      .filter(({ table }) => ofPeopleAndAccess.includes(table.replaceAll(/["'`]/g, "")))
      .map(({ path, verb, table }) => `${path} ${verb} ${table.replaceAll(/["'`]/g, "")}`);
    assert.deepEqual(
      found.filter((write) => exceptions[write] === undefined),
      [],
    );
    assert.deepEqual(
      Object.keys(exceptions).filter((write) => !found.includes(write)),
      [],
      "an exception that nobody needs any more",
    );
  });

  test("every written table is named where it is written, so that the rule above can see it", () => {
    const unnamed = writes.filter(({ table }) => !table.startsWith('"'));
    assert.deepEqual(unnamed, []);
  });

  test("no SQL text writes the tables of people and access", () => {
    const names = ofPeopleAndAccess.join("|");
    const written = new RegExp(
      `(?:insert\\s+into|update|delete\\s+from|replace\\s+into)\\s+["\`]?(?:${names})\\b`,
      "i",
    );
    const unnamed = /(?:insert\s+into|\bupdate|delete\s+from)\s+\$\{/i;
    const texts = sources.filter(({ path }) => !path.startsWith("src/store/migrations/"));
    assert.deepEqual(
      texts.filter(({ code }) => written.test(code)).map(({ path }) => path),
      [],
    );
    // The clean-up deletes from the tables that it is called with, and names none of these.
    const dynamic = texts.filter(({ code }) => unnamed.test(code));
    assert.deepEqual(
      dynamic.map(({ path }) => path).filter((path) => path !== "src/store/cleanup.ts"),
      [],
    );
    const named = new RegExp(`["'\`](?:${names})["'\`]`);
    for (const { path, code } of dynamic) assert.doesNotMatch(code, named, path);
  });

  test("the writer's parts have no caller but the writer", () => {
    const callers = sources.filter(({ code }) =>
      /\/apply-(?:assignment|change|many|source)\.ts"/.test(code),
    );
    assert.deepEqual(callers.map(({ path }) => path).sort(), [
      "src/store/apply-change.ts",
      "src/store/apply-many.ts",
      "src/store/apply.ts",
    ]);
  });
});

describe("one XML parser (DESIGN invariant 3)", () => {
  test("parseXml of saml/xml.ts is the only function that parses XML", () => {
    const defining = sources.filter(({ code }) =>
      /function parse\w*X[mM][lL]\w*|parseXml\s*=/.test(code),
    );
    assert.deepEqual(
      defining.map(({ path }) => path),
      ["src/saml/xml.ts"],
    );
  });

  test("no package and no platform function parses XML on the path", () => {
    const parsers = /xml|saml|sax|parse5|htmlparser|cheerio|jsdom|domhandler/i;
    const found = sources.flatMap((file) =>
      importsOf(file.code)
        .filter((target) => !target.startsWith(".") && parsers.test(target))
        .map((target) => `${file.path} imports ${target}`),
    );
    assert.deepEqual(found, []);
    const platform = sources.filter(({ code }) => /\bDOMParser\b|parseFromString/.test(code));
    assert.deepEqual(
      platform.map(({ path }) => path),
      [],
    );
  });
});
