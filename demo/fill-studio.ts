/**
 * Fills the demo's Label Studio as an administrator's script would: workspaces, projects and tasks by
 * Labelgate's public API, with the Owner's token. Never imported by src.
 */
import { type DemoProject, demoProjects, demoWorkspaces } from "./projects.ts";

/** One request to Labelgate's API as the Owner; answers the JSON. @throws Error unless it is 2xx */
export type CallApi = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** The API of `baseUrl` with a token. A FormData body goes as multipart, anything else as JSON. */
export function apiOf(baseUrl: string, apiToken: string): CallApi {
  return async (method, path, body) => {
    const isForm = body instanceof FormData;
    const isJson = body !== undefined && !isForm;
    const answer = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Token ${apiToken}`,
        ...(isJson && { "content-type": "application/json" }),
      },
      ...(isForm && { body }),
      ...(isJson && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
    return text === "" ? null : JSON.parse(text);
  };
}

/** Makes everything; answers each project's number by its key. `tell` hears of each project. */
export async function fillStudio(
  call: CallApi,
  tell: (line: string) => void,
): Promise<Readonly<Record<DemoProject["key"], number>>> {
  const workspaces = new Map<string, number>();
  for (const title of demoWorkspaces) {
    workspaces.set(title, idOf(await call("POST", "/api/workspaces", { title })));
  }
  const ids: Partial<Record<DemoProject["key"], number>> = {};
  for (const project of demoProjects) {
    const made = await call("POST", "/api/projects", {
      title: project.title,
      description: project.description,
      label_config: project.labelConfig,
      workspace: workspaces.get(project.workspace) ?? null,
    });
    const id = idOf(made);
    ids[project.key] = id;
    const count = await importTasks(call, id, project);
    tell(`${project.title}: ${count} tasks`);
  }
  const { chestXRay = 0, reports = 0, skin = 0, doppler = 0 } = ids;
  return { chestXRay, reports, skin, doppler };
}

async function importTasks(call: CallApi, id: number, project: DemoProject): Promise<number> {
  const path = `/api/projects/${id}/import`;
  if (project.texts !== undefined) {
    await call(
      "POST",
      path,
      project.texts.map((text) => ({ text })),
    );
    return project.texts.length;
  }
  const files = project.files?.() ?? [];
  const form = new FormData();
  for (const { name, type, bytes } of files) {
    form.append(name, new Blob([Uint8Array.from(bytes)], { type }), name);
  }
  await call("POST", path, form);
  return files.length;
}

function idOf(answer: unknown): number {
  const id = typeof answer === "object" && answer !== null && "id" in answer ? answer.id : null;
  if (typeof id !== "number") throw new Error(`no id in ${JSON.stringify(answer).slice(0, 200)}`);
  return id;
}
