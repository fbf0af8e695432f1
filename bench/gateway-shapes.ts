/**
 * The requests that `npm run bench:gateway` sends, and the sizes behind them: the same addresses for
 * every peer, and rows of Label Studio's own for us. Tasks are spread over the projects by their number,
 * so that the stub upstream knows the project of each without a table.
 */

/** Sessions, projects and tasks that requests are drawn from (GATEWAY 10.7). */
export const sizes = {
  sessions: 10_000,
  projects: 1_000,
  /** Each person belongs to one workspace, and by it to so many projects. */
  projectsOfAPerson: 20,
  tasksOfAProject: 10,
} as const;

/** Bytes of the answer to most requests, and of the body that is echoed. */
export const jsonBytes = 1_024;
/** As large as Label Studio's main.js. */
export const scriptBytes = 2_500_000;
/** Of the streams up and down. */
export const streamBytes = 200 * 1_048_576;

/** The upstream's number of a person's account; the first is the service account's. */
export function accountOf(person: number): number {
  return person + 2;
}

/** The address of an account. */
export function emailOf(account: number): string {
  return `person-${account}@contoso.com`;
}

/** The first is the Owner, every tenth a Manager, all others Reviewers. */
export function roleOf(person: number): "OW" | "MA" | "RE" {
  if (person === 0) return "OW";
  return person % 10 === 9 ? "MA" : "RE";
}

/** The title of the project with this number. */
export function titleOf(project: number): string {
  return `Project ${project}`;
}

/** When the upstream made all its projects. */
export const projectCreatedAt = "2026-01-01T00:00:00.000000Z";

/** A task's number; tasks of a project differ by the number of projects. */
export function taskOf(project: number, index: number): number {
  return project + sizes.projects * index;
}

/** The project that the task with this number belongs to. */
export function projectOfTask(task: number): number {
  return ((task - 1) % sizes.projects) + 1;
}

/** What is asked: by the project in the path, by a task that must be looked up, echoed, static, streamed. */
export type Kind = "json" | "lookup" | "echo" | "script" | "download" | "upload";

/** One request as it is sent. */
export interface Shape {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Of the body; none where null. */
  readonly type: string | null;
}

/** Besides the kinds: each person's first request, and each task's first. */
export type Requests = Kind | "first session" | "first task";

/** Begins and ends the file that is uploaded as a form. */
export const boundary = "----labelgate-bench";

/** The request of a kind for a project; `index` picks the task. */
export function shapeOf(kind: Kind, project: number, index: number): Shape {
  const task = taskOf(project, index);
  const get = (path: string): Shape => ({ method: "GET", path, type: null });
  switch (kind) {
    case "json":
      return get(`/api/projects/${project}/summary/`);
    case "lookup":
      return get(`/api/tasks/${task}/agreement/`);
    case "echo":
      return {
        method: "POST",
        path: `/api/tasks/${task}/annotations/?project=${project}`,
        type: "application/json",
      };
    case "script":
      return get("/react-app/main.js?v=bench");
    case "download":
      return get(`/data/upload/${project}/video.mp4`);
    case "upload":
      return {
        method: "POST",
        path: `/api/projects/${project}/import`,
        type: `multipart/form-data; boundary=${boundary}`,
      };
  }
}
