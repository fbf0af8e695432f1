/**
 * Client of the API: same origin, the session's cookie, the form token with every unsafe request. A
 * refusal becomes an ApiError; what it means on a page is the page's.
 */
import { csrfToken } from "../boot.ts";

/** Problems by field name, in the wire's spelling; each is a whole sentence. */
export type FieldErrors = Readonly<Record<string, readonly string[]>>;

/** The API refused, or did not answer (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  /** The code of the error table, where the answer names it. */
  readonly code: string | null;
  /** One sentence for whoever reads the page. */
  readonly detail: string;
  readonly fieldErrors: FieldErrors;
  /** Name of the request in the server's log. */
  readonly reference: string | null;

  constructor(told: {
    readonly status: number;
    readonly detail: string;
    readonly code?: string | null;
    readonly fieldErrors?: FieldErrors;
    readonly reference?: string | null;
    readonly cause?: unknown;
  }) {
    super(told.detail, { cause: told.cause });
    this.name = "ApiError";
    this.status = told.status;
    this.detail = told.detail;
    this.code = told.code ?? null;
    this.fieldErrors = told.fieldErrors ?? {};
    this.reference = told.reference ?? null;
  }
}

/** Parameters of a query; absent values are left out. */
export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

interface Options {
  readonly query?: Query;
  readonly signal?: AbortSignal;
}

/** GET. @throws ApiError */
export async function get<Answer>(path: string, options: Options = {}): Promise<Answer> {
  return await ask<Answer>("GET", path, options);
}

/** POST of JSON, or of a form with files. @throws ApiError */
export async function post<Answer>(
  path: string,
  body?: object,
  options: Options = {},
): Promise<Answer> {
  return await ask<Answer>("POST", path, { ...options, body });
}

/** PATCH of JSON. @throws ApiError */
export async function patch<Answer>(path: string, body: object): Promise<Answer> {
  return await ask<Answer>("PATCH", path, { body });
}

/** DELETE, with a body where the API wants one. @throws ApiError */
export async function remove<Answer>(path: string, body?: object): Promise<Answer> {
  return await ask<Answer>("DELETE", path, { body });
}

/** `path` with its query, as the browser asks for it; also for links that download something. */
export function withQuery(path: string, query: Query = {}): string {
  const sent = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") sent.set(name, String(value));
  }
  return sent.size === 0 ? path : `${path}?${sent}`;
}

async function ask<Answer>(
  method: string,
  path: string,
  { query, signal, body }: Options & { readonly body?: object | undefined },
): Promise<Answer> {
  const isForm = body instanceof FormData;
  const headers = new Headers({ accept: "application/json" });
  if (method !== "GET") headers.set("x-csrftoken", csrfToken);
  if (body !== undefined && !isForm) headers.set("content-type", "application/json");
  const init: RequestInit = { method, headers };
  if (signal !== undefined) init.signal = signal;
  if (body !== undefined) init.body = isForm ? body : JSON.stringify(body);
  const response = await reach(withQuery(path, query), init);
  const answer = await readAnswer(response);
  if (!response.ok) throw refusalOf(response, answer);
  return answer as Answer;
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    const detail = "The server cannot be reached. Check your connection and try again.";
    throw new ApiError({ status: 0, detail, cause });
  }
}

async function readAnswer(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The envelope of http/errors.ts; a proxy in between may answer something else. */
interface Envelope {
  readonly id?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly validation_errors?: FieldErrors;
}

function refusalOf(response: Response, answer: unknown): ApiError {
  const { status } = response;
  const said: Envelope = typeof answer === "object" && answer !== null ? answer : {};
  return new ApiError({
    status,
    detail: said.detail ?? `The server answered with an error (${status}). Try again in a moment.`,
    code: said.code ?? null,
    fieldErrors: said.validation_errors ?? {},
    reference: said.id ?? response.headers.get("x-request-id"),
  });
}
