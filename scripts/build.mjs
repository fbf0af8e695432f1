/** `npm run build`: the JavaScript that the published package runs, and the files that pages need. */
import { spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });
run("tsc", ["--project", "tsconfig.build.json"]);
cpSync("src/pages/static", "dist/src/pages/static", { recursive: true });
for (const name of ["run.py", "schema.sql", "requirements.lock", "build.lock", "uv.lock"]) {
  cpSync(`src/cli/embedded/${name}`, `dist/src/cli/embedded/${name}`);
}
run(process.execPath, ["scripts/build-web.mjs"]);

function run(command, given) {
  const { status } = spawnSync(command, given, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
