/**
 * Answers in SCIM's own form: resources with their ETag and Location, lists, errors. The content type
 * is `application/scim+json` and nothing behind it, since clients compare it as text.
 */
import type { FastifyReply } from "fastify";
import type { Deps } from "../deps.ts";
import type { AppError } from "../errors.ts";
import { scimContentType, scimErrorOf } from "../errors-answer.ts";
import { etagOfResource } from "../scim/etag.ts";
import type { JsonObject } from "../scim/json.ts";
import { type Projection, project, showsAttribute } from "../scim/projection.ts";
import {
  type RenderedMember,
  type ResourceMeta,
  renderGroup,
  renderUser,
} from "../scim/resources.ts";
import type { ScimGroupRecord } from "../store/scim-groups.ts";
import { loadMembers } from "../store/scim-members.ts";
import { loadGroupsOfUsers, type ScimUserRecord } from "../store/scim-users.ts";

/** The public address under which SCIM answers; the alias /scim is never shown. */
export function scimUrl({ config }: Deps): string {
  return `${config.baseUrl}/scim/v2`;
}

/** Sends a body. As bytes, since Fastify would put a charset behind the type of a text or object. */
export function sendScim(reply: FastifyReply, status: number, body: JsonObject): FastifyReply {
  return reply
    .code(status)
    .header("content-type", scimContentType)
    .send(Buffer.from(JSON.stringify(body)));
}

/**
 * 204. It says its content type all the same, since there are clients that look for it on every answer;
 * Fastify would take it away.
 */
export function sendNothing(reply: FastifyReply): FastifyReply {
  reply.raw.setHeader("content-type", scimContentType);
  return reply.code(204).send();
}

/** Sends a refusal; `WWW-Authenticate` and `Retry-After` where they belong (RFC 7644 3.12). */
export function sendScimError(reply: FastifyReply, error: AppError): FastifyReply {
  const { status } = error;
  if (status === 401) reply.header("www-authenticate", 'Bearer realm="SCIM"');
  const isToWait = (status === 429 || status === 503) && !reply.hasHeader("retry-after");
  if (isToWait) reply.header("retry-after", "30");
  return sendScim(reply, status, scimErrorOf(error));
}

interface Stamped {
  readonly id: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly version: number;
  readonly groupsTag?: string;
}

/** Builds the `meta` of a resource under this endpoint. */
export function metaOf(deps: Deps, endpoint: string, record: Stamped): ResourceMeta {
  return {
    id: record.id,
    createdAtMs: record.createdAt,
    lastModifiedAtMs: record.modifiedAt,
    etag: etagOfResource(record),
    collectionUrl: `${scimUrl(deps)}/${endpoint}`,
  };
}

/** Builds the answers for people of one organization, in order; their groups are loaded at once. */
export async function showUsers(
  deps: Deps,
  organizationId: number,
  {
    users,
    projection,
    areNew = false,
  }: {
    readonly users: readonly ScimUserRecord[];
    readonly projection: Projection;
    /** Nobody of them can be in a group yet. */
    readonly areNew?: boolean;
  },
): Promise<readonly JsonObject[]> {
  const isShown = !areNew && users.length > 0 && showsAttribute(projection, "User", "groups");
  const ids = users.map(({ userId }) => userId);
  const rows = isShown ? await loadGroupsOfUsers(deps.store.db, organizationId, ids) : [];
  const groups = groupBy(rows, ({ userId }) => userId);
  return users.map((user) => {
    const shown = (groups.get(user.userId) ?? []).map(
      ({ id, displayName }): RenderedMember => ({
        value: id,
        $ref: `${scimUrl(deps)}/Groups/${id}`,
        display: displayName,
        type: "direct",
      }),
    );
    const whole = renderUser(user.document, metaOf(deps, "Users", user), shown);
    return project(whole, "User", projection);
  });
}

/** Builds the answers for groups of one organization, in order; members only where they are asked for. */
export async function showGroups(
  deps: Deps,
  organizationId: number,
  { groups, projection }: { groups: readonly ScimGroupRecord[]; projection: Projection },
): Promise<readonly JsonObject[]> {
  const isShown = groups.length > 0 && showsAttribute(projection, "Group", "members");
  const seqs = groups.map(({ seq }) => seq);
  const rows = isShown ? await loadMembers(deps.store.db, organizationId, seqs) : [];
  const members = groupBy(rows, ({ groupSeq }) => groupSeq);
  const isNamed = showsDisplay(projection);
  return groups.map((group) => {
    const shown = (members.get(group.seq) ?? []).map(
      ({ id, display, type }): RenderedMember => ({
        value: id,
        $ref: `${scimUrl(deps)}/${type}s/${id}`,
        ...(isNamed && { display }),
        type,
      }),
    );
    const meta = metaOf(deps, "Groups", group);
    const whole = renderGroup(group.document, meta, isShown ? shown : undefined);
    return project(whole, "Group", projection);
  });
}

/**
 * True where members are shown with their names, which change without the group being written; so a
 * client's copy of such an answer is never said to be good still.
 */
export function showsDisplay({ names }: Projection): boolean {
  return names.some(
    ({ name, sub }) => name.toLowerCase() === "members" && sub?.toLowerCase() === "display",
  );
}

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => number): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}
