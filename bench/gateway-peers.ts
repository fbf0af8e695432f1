/**
 * What bench:gateway measures, each as its documentation says and quiet, in processes of its own in front
 * of the same upstream. nginx, @fastify/http-proxy and "direct" know no people: they are the floor.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../test/browser/free-port.ts";
import { startChild, stopProcess, treeOf } from "./gateway-child.ts";
import { client, signInAt, startIssuer } from "./gateway-issuer.ts";
import type { Target } from "./gateway-load.ts";
import { findNginx, findOauth2Proxy } from "./gateway-tools.ts";

/** One that takes part. */
export interface Peer {
  readonly name: string;
  readonly target: Target;
  /** Its processes. */
  readonly pids: readonly number[];
  /** True where it refuses whoever is not signed in. */
  readonly knowsPeople: boolean;
  readonly isOurs?: true;
  stop(): Promise<void>;
}

/** The upstream that all have behind them. */
export interface Behind {
  readonly port: number;
  readonly pid: number;
}

const anybody = ["bench=1; sessionid=0123456789abcdef"];

/** The stub upstream itself: what a request costs without anything before it. */
export function direct({ port, pid }: Behind): Peer {
  const target = { port, host: `127.0.0.1:${port}`, cookies: anybody };
  return { name: "direct", target, pids: [pid], knowsPeople: false, stop: async () => undefined };
}

/** @fastify/http-proxy. */
export async function fastifyHttpProxy({ port }: Behind): Promise<Peer> {
  const child = startChild("gateway-http-proxy.ts");
  const answer = await child.ask<{ port: number }>({ upstream: `http://127.0.0.1:${port}` });
  return {
    name: "@fastify/http-proxy",
    target: { port: answer.port, host: `127.0.0.1:${answer.port}`, cookies: anybody },
    pids: treeOf(child.pid),
    knowsPeople: false,
    stop: child.stop,
  };
}

/** nginx with one worker; null, and a printed line, where it cannot be had. */
export async function nginx({ port }: Behind, folder: string): Promise<Peer | null> {
  const tool = await findNginx();
  if ("missing" in tool) return skip("nginx", tool.missing);
  const own = await freePort();
  const prefix = join(folder, "nginx");
  mkdirSync(prefix, { recursive: true });
  writeFileSync(join(prefix, "nginx.conf"), nginxConf(own, port));
  const flags = ["-p", prefix, "-c", join(prefix, "nginx.conf"), "-e", "stderr"];
  const server = spawn(tool.path, flags, { stdio: "ignore" });
  await untilAnswers(server, own);
  return {
    name: "nginx",
    target: { port: own, host: `127.0.0.1:${own}`, cookies: anybody },
    pids: treeOf(server.pid ?? 0),
    knowsPeople: false,
    stop: async () => await stopProcess(server, () => server.kill("SIGTERM")),
  };
}

/** Logs off, connections to the upstream kept, nothing buffered on disk. */
function nginxConf(port: number, upstream: number): string {
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path temp_${name};`)
    .join(" ");
  return `daemon off; worker_processes 1; pid nginx.pid; error_log stderr crit;
${process.getuid?.() === 0 ? "user root;" : ""}
events { worker_connections 1024; }
http {
  access_log off; ${folders}
  client_max_body_size 0; keepalive_requests 100000000; tcp_nodelay on;
  proxy_max_temp_file_size 0; proxy_request_buffering off;
  upstream stub { server 127.0.0.1:${upstream}; keepalive 128; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://stub; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $remote_addr;
    }
  }
}
`;
}

/** oauth2-proxy with a session in its cookie; null, and a printed line, where it cannot be had. */
export async function oauth2Proxy({ port }: Behind): Promise<Peer | null> {
  const tool = await findOauth2Proxy();
  if ("missing" in tool) return skip("oauth2-proxy", tool.missing);
  const issuer = await startIssuer();
  const own = await freePort();
  const origin = `http://127.0.0.1:${own}`;
  const flags = {
    provider: "oidc",
    "oidc-issuer-url": issuer.url,
    "client-id": client.id,
    "client-secret": client.secret,
    "cookie-secret": randomBytes(16).toString("hex"),
    "cookie-secure": "false",
    "email-domain": "*",
    "http-address": `127.0.0.1:${own}`,
    "redirect-url": `${origin}/oauth2/callback`,
    upstream: `http://127.0.0.1:${port}`,
    "skip-provider-button": "true",
    "request-logging": "false",
    "auth-logging": "false",
    "standard-logging": "false",
  };
  const given = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const server = spawn(tool.path, given, { stdio: "ignore" });
  await untilAnswers(server, own);
  const cookie = await signInAt(origin);
  return {
    name: "oauth2-proxy",
    target: { port: own, host: `127.0.0.1:${own}`, cookies: [cookie] },
    pids: treeOf(server.pid ?? 0),
    knowsPeople: true,
    stop: async () => {
      await stopProcess(server, () => server.kill("SIGTERM"));
      issuer.close();
    },
  };
}

function skip(name: string, reason: string): null {
  console.log(`${name} is left out: ${reason}`);
  return null;
}

/** Waits until the server takes connections. */
export async function untilAnswers(server: ChildProcess, port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (server.exitCode !== null) throw new Error(`${server.spawnfile} ended early`);
    try {
      await fetch(`http://127.0.0.1:${port}/health`, { redirect: "manual" });
      return;
    } catch {
      await wait(100);
    }
  }
  throw new Error(`${server.spawnfile} does not answer`);
}
