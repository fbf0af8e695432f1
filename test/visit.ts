/**
 * A browser without JavaScript, as far as `app.inject()` needs one: it keeps cookies, fills in forms
 * that a page has, with their hidden fields, and follows redirects when told.
 */
import type { FastifyInstance, LightMyRequestResponse } from "fastify";

/** What a page answered. */
export interface Visit {
  readonly status: number;
  readonly location: string | null;
  readonly body: string;
  readonly headers: LightMyRequestResponse["headers"];
}

type Fields = Readonly<Record<string, string>>;

/** One browser: its cookies live as long as it does. */
export class Visitor {
  readonly #app: FastifyInstance;
  readonly #cookies = new Map<string, string>();
  readonly #ip: string;

  constructor(app: FastifyInstance, { ip = "198.51.100.7" }: { ip?: string } = {}) {
    this.#app = app;
    this.#ip = ip;
  }

  /** The cookies' names. */
  get cookieNames(): readonly string[] {
    return [...this.#cookies.keys()];
  }

  /** The value of a cookie, or empty. */
  cookie(name: string): string {
    return this.#cookies.get(name) ?? "";
  }

  /** A browser at another address with a copy of this one's cookies. */
  stolenBy(ip: string): Visitor {
    const thief = new Visitor(this.#app, { ip });
    for (const [name, value] of this.#cookies) thief.#cookies.set(name, value);
    return thief;
  }

  async get(path: string): Promise<Visit> {
    return await this.#send({ method: "GET", url: path });
  }

  /** Posts exactly these fields. */
  async post(path: string, fields: Fields): Promise<Visit> {
    return await this.#send({
      method: "POST",
      url: path,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      payload: new URLSearchParams(fields).toString(),
    });
  }

  /** Opens `page`, fills its form for `action` in and sends it. */
  async submit(page: string, action: string, fields: Fields = {}): Promise<Visit> {
    const { body } = await this.get(page);
    return await this.post(action, { ...hiddenFields(body, action), ...fields });
  }

  async #send(options: {
    method: "GET" | "POST";
    url: string;
    headers?: Fields;
    payload?: string;
  }): Promise<Visit> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await this.#app.inject({
      ...options,
      remoteAddress: this.#ip,
      headers: {
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Firefox/131.0",
        ...options.headers,
        ...(cookie === "" ? {} : { cookie }),
      },
    });
    for (const { name, value, maxAge, expires } of answer.cookies) {
      const isGone = maxAge === 0 || value === "" || (expires && expires.getTime() < 1000);
      if (isGone) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return {
      status: answer.statusCode,
      location: answer.headers.location ?? null,
      body: answer.body,
      headers: answer.headers,
    };
  }
}

/** The hidden fields of the form that posts to `action`; fails where the page has no such form. */
function hiddenFields(body: string, action: string): Fields {
  const form = [...body.matchAll(/<form[^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/gs)].find(
    ([, target]) => target === action,
  );
  if (form === undefined) throw new Error(`the page has no form for ${action}: ${textOf(body)}`);
  const inputs = [
    ...(form[2] ?? "").matchAll(/<input type="hidden" name="([^"]*)"[^>]*value="([^"]*)"/g),
  ];
  return Object.fromEntries(inputs.map(([, name = "", value = ""]) => [name, plain(value)]));
}

function plain(text: string): string {
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

/** What a person reads on a page: its text on one line. */
export function textOf(body: string): string {
  const visible = body.replace(/<(head|style|svg)\b.*?<\/\1>/gs, " ");
  return plain(visible.replaceAll(/<[^>]*>/g, " "))
    .replaceAll(/\s+/g, " ")
    .trim();
}
