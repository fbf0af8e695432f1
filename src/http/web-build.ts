/**
 * The built administrators' app, read into memory once: its files with their compressed forms, and
 * what its manifest says of the first load. scripts/build-web.mjs makes it; web-app.ts serves it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A file under /organization/assets/, whose name carries its hash. */
export interface WebFile {
  readonly type: string;
  readonly content: Buffer;
  readonly br: Buffer | null;
  readonly gzip: Buffer | null;
}

/** Everything that is served of the app. */
export interface WebBuild {
  readonly files: ReadonlyMap<string, WebFile>;
  /** The files that every first load asks for, by name. */
  readonly entry: {
    readonly script: string;
    /** Modules that the script imports at once; told ahead, they load beside it. */
    readonly modules: readonly string[];
    readonly styles: readonly string[];
  };
}

/** The folders of a clone's build and of the published package's. */
const folders = ["../../dist/web/", "../../web/"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

const types: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  woff2: "font/woff2",
};

let loaded: WebBuild | null = null;

/** The build, or null where there is none yet; found once, it stands until the process ends. */
export function loadWebBuild(): WebBuild | null {
  for (const folder of folders) loaded ??= readBuild(folder);
  return loaded;
}

function readBuild(folder: string): WebBuild | null {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
    const build = { files: readFiles(folder), entry: entryOf(manifest as Manifest) };
    // Read while a new build was swapped in, the two do not belong together; the next request reads anew.
    return build.files.has(build.entry.script) ? build : null;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function readFiles(folder: string): ReadonlyMap<string, WebFile> {
  const names = new Set(readdirSync(folder));
  const files = new Map<string, WebFile>();
  const read = (name: string) => readFileSync(join(folder, name));
  for (const name of names) {
    const type = types[name.split(".").at(-1) ?? ""];
    if (type === undefined) continue;
    files.set(name, {
      type,
      content: read(name),
      br: names.has(`${name}.br`) ? read(`${name}.br`) : null,
      gzip: names.has(`${name}.gz`) ? read(`${name}.gz`) : null,
    });
  }
  return files;
}

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}

type Manifest = Readonly<Record<string, Chunk>>;

function entryOf(manifest: Manifest): WebBuild["entry"] {
  const entry = Object.values(manifest).find(({ isEntry }) => isEntry === true);
  if (entry === undefined) throw new Error("the manifest of the administrators' app has no entry");
  // What a chunk imports comes before it, as the styles of a component count over those it is made of.
  const chunks = new Set<Chunk>();
  const visit = (chunk: Chunk): void => {
    for (const key of chunk.imports ?? []) {
      const imported = manifest[key];
      if (imported !== undefined && imported !== entry && !chunks.has(imported)) visit(imported);
    }
    chunks.add(chunk);
  };
  visit(entry);
  const all = [...chunks];
  return {
    script: entry.file,
    modules: all.map(({ file }) => file).filter((file) => file !== entry.file),
    styles: all.flatMap(({ css = [] }) => css),
  };
}
