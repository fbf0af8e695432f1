/**
 * Checks Label Studio's settings as its page of versions tells them to a superuser (GATEWAY 10.1). The
 * page holds its secret key too: only the names here are ever read from it. Pure.
 */
import type { Finding } from "./check.ts";
import type { WholeAnswer } from "./taking.ts";

const names = [
  "DISABLE_SIGNUP_WITHOUT_LINK",
  "DJANGO_DB",
  "SSRF_PROTECTION_ENABLED",
  "ML_BLOCK_LOCAL_IP",
  "LOCAL_FILES_SERVING_ENABLED",
  "USE_NGINX_FOR_UPLOADS",
  "USE_NGINX_FOR_EXPORT_DOWNLOADS",
] as const;

/** Settings by name; null where the page shows none. */
export type ServerSettings = Readonly<Record<(typeof names)[number], string>> | null;

/** Reads the page. */
export function readServerSettings({ status, body }: WholeAnswer): ServerSettings {
  if (status !== 200) return null;
  const text = body.toString("utf8");
  const json = text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1);
  try {
    const page: unknown = JSON.parse(json);
    const settings: unknown = Reflect.get(Object(page), "settings");
    if (typeof settings !== "object" || settings === null) return null;
    const entries = names.map((name) => [name, String(Reflect.get(settings, name) ?? "")]);
    return Object.fromEntries(entries) as NonNullable<ServerSettings>;
  } catch {
    return null;
  }
}

/** The findings about the settings; `server` is the header of that name. */
export function serverFindings(settings: ServerSettings, server: string): readonly Finding[] {
  if (settings === null) {
    const text =
      "Label Studio's own settings cannot be read, since the account that Labelgate asks as is no superuser there: see by yourself that sign-up is closed (LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK) and that its guards are on (SSRF_PROTECTION_ENABLED).";
    return [{ level: "warning", text }];
  }
  const isOn = (name: (typeof names)[number]): boolean => settings[name] === "True";
  const findings: Finding[] = [
    isOn("DISABLE_SIGNUP_WITHOUT_LINK")
      ? { level: "ok", text: "Sign-up is closed in Label Studio." }
      : {
          level: "problem",
          text: "Anybody who reaches Label Studio may sign up there: set LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=true.",
        },
  ];
  const warn = (text: string): void => {
    findings.push({ level: "warning", text });
  };
  const isNginx = /nginx/i.test(server);
  for (const name of ["USE_NGINX_FOR_UPLOADS", "USE_NGINX_FOR_EXPORT_DOWNLOADS"] as const) {
    if (!isOn(name) || isNginx) continue;
    warn(
      `${name} is on in Label Studio and no nginx answers: files that it keeps in a bucket then come empty. Connect to the image's nginx, or set ${name}=false.`,
    );
  }
  if (settings.DJANGO_DB === "sqlite") {
    warn("Label Studio keeps its data in SQLite, which is for few people; see PostgreSQL.");
  }
  if (!isOn("SSRF_PROTECTION_ENABLED")) {
    warn(
      "Label Studio's guard against addresses of its own network is off (SSRF_PROTECTION_ENABLED).",
    );
  }
  if (!isOn("ML_BLOCK_LOCAL_IP")) {
    warn("Label Studio lets ML backends be in its own network (ML_BLOCK_LOCAL_IP).");
  }
  if (isOn("LOCAL_FILES_SERVING_ENABLED")) {
    warn("Label Studio serves files of its own disk (LOCAL_FILES_SERVING_ENABLED).");
  }
  return findings;
}
