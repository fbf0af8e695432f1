/**
 * Folders and files of an embedded Label Studio: which there are, made so that only this user may
 * enter them, and the path of its socket, which the kernel allows few characters.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { EmbeddedFolders } from "./environment.ts";

/** Every place of one embedded Label Studio, absolute. */
export interface EmbeddedPlaces extends EmbeddedFolders {
  readonly root: string;
  /** Kept by the Labelgate that runs it. */
  readonly lockFile: string;
  /** Kept by Label Studio's own process, which may outlive Labelgate for a moment. */
  readonly dataLockFile: string;
  readonly secretFile: string;
  /** Holds the path of the socket, for commands beside the server. */
  readonly socketFile: string;
  readonly versionFile: string;
  readonly logFile: string;
  readonly database: string;
  readonly backups: string;
}

/** Socket paths end at 104 bytes on macOS and 108 on Linux, with a final zero. */
const maxSocketPathBytes = 103;

/** The places under `dataDir`/label-studio; makes the folders, for this user alone (0700). */
export function makePlaces(dataDir: string): EmbeddedPlaces {
  const root = rootOf(dataDir);
  const folders = {
    data: join(root, "data"),
    home: join(root, "home"),
    temporary: join(root, "tmp"),
    work: join(root, "work"),
  };
  const backups = join(root, "backups");
  for (const folder of [root, ...Object.values(folders), backups]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  }
  return {
    ...folders,
    root,
    backups,
    lockFile: join(root, "labelgate.lock"),
    dataLockFile: join(root, "data.lock"),
    ...reachOf(root),
    versionFile: join(root, "version"),
    logFile: join(root, "label-studio.log"),
    database: join(folders.data, "label_studio.sqlite3"),
  };
}

const rootOf = (dataDir: string): string => resolve(dataDir, "label-studio");

const reachOf = (root: string) => ({
  secretFile: join(root, "secret_key"),
  socketFile: join(root, "socket"),
});

/** Tells commands beside the server where the socket is. */
export function noteSocketPath({ socketFile }: EmbeddedPlaces, socketPath: string): void {
  writeFileSync(socketFile, socketPath, { mode: 0o600 });
}

/** Socket and key of the embedded Label Studio that the server of `dataDir` runs now; null where none runs. */
export function findRunning(
  dataDir: string,
): { readonly socketPath: string; readonly secretKey: string } | null {
  const { secretFile, socketFile } = reachOf(rootOf(dataDir));
  if (!existsSync(secretFile) || !existsSync(socketFile)) return null;
  const socketPath = readFileSync(socketFile, "utf8");
  if (!existsSync(socketPath)) return null;
  return { socketPath, secretKey: readFileSync(secretFile, "utf8").trim() };
}

/**
 * The path for the socket, in a folder of this user alone: in `root` where it is short enough, else
 * in a new folder of the system's temporary one.
 */
export function makeSocketPath(root: string, temporary = tmpdir()): string {
  const near = join(root, "run", "ls.sock");
  if (Buffer.byteLength(near) <= maxSocketPathBytes) {
    mkdirSync(join(root, "run"), { recursive: true, mode: 0o700 });
    chmodSync(join(root, "run"), 0o700);
    return near;
  }
  const isShort = Buffer.byteLength(join(temporary, "labelgate-XXXXXX", "ls.sock"));
  const parent = isShort <= maxSocketPathBytes ? temporary : "/tmp";
  // mkdtemp makes it 0700, with a name that nobody could have taken before.
  return join(mkdtempSync(join(parent, "labelgate-")), "ls.sock");
}
