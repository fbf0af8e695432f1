/**
 * Tags of members by the original's API (facts 4.4): list, one, made, renamed, deleted, many at once,
 * assignments, and the import of a file, which is done when its number is answered.
 */
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import { loadTagImport } from "../store/member-tag-imports.ts";
import { listTags, loadTag, type TagRecord } from "../store/member-tags.ts";
import { type Acting, actingCallerOf, idOf, organizationOf } from "./caller.ts";
import { memberFilterFields, memberFilterOf } from "./member-list.ts";
import { labelField, readLabels, readTagFile } from "./member-tag-fields.ts";
import {
  assignTags,
  changeTag,
  importTags,
  makeManyTags,
  makeTag,
  removeManyTags,
  removeTag,
} from "./member-tags.ts";
import { answerPage, pageFields, pageOf } from "./paging.ts";
import { parseBody, parseQuery, wireFlag } from "./parse.ts";
import { answerCreator } from "./place-answers.ts";
import { answeredField, idsField, orderField, textField } from "./place-fields.ts";
import { removalOf } from "./places.ts";

const answered = {
  id: answeredField,
  created_at: answeredField,
  created_by: answeredField,
  member_count: answeredField,
  organization: answeredField,
  updated_at: answeredField,
};

/** `POST …/member-tags` */
export const tagSchema = z.object({ label: labelField, ...answered });

/** `PATCH …/member-tags/{tag}` */
export const tagPatchSchema = tagSchema.partial();

/** `GET …/member-tags` */
export const tagListSchema = z.object({
  ...pageFields,
  search: textField(255).optional(),
  ordering: orderField({
    id: "id",
    label: "label",
    member_count: "memberCount",
    created_at: "createdAt",
    updated_at: "updatedAt",
  }),
});

/** `POST …/member-tags/bulk` */
export const tagBulkSchema = z.object({
  labels: z
    .array(labelField, { error: "Send a list of labels." })
    .max(1_000, { error: "Send at most 1000 labels." }),
});

/** `DELETE …/member-tags/bulk` */
export const tagBulkRemovalSchema = z.object({ ids: idsField });

/** `POST …/member-tags/assignments` */
export const tagAssignmentSchema = z.object({
  all: wireFlag,
  included: idsField,
  excluded: idsField,
  overwrite: wireFlag.optional(),
  tags: idsField,
});

/** The query of `POST …/member-tags/assignments`: whom of the members it means. */
export const tagAssignmentQuerySchema = z.object(memberFilterFields);

/** `POST …/member-tags/imports`: a form with a file. */
export const tagImportSchema = z.object({
  bulk_tags: z.string().optional(),
  file: z.string({ error: "Send the CSV file as the file field `file`." }),
});

interface OfTag {
  readonly Params: { readonly id: string; readonly tag: string };
}
interface ById {
  readonly Params: { readonly id: string };
}

const base = "/api/organizations/:id/member-tags";
const defaultPageSize = 30;

/** Routes of member tags. */
export function memberTagRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.get<ById>(base, async (request) => {
      const organizationId = readerOf(request);
      const query = parseQuery(tagListSchema, request.query);
      const page = pageOf({ page_size: defaultPageSize, ...query });
      const { count, tags } = await listTags(deps.store.db, organizationId, {
        search: query.search,
        ...(query.ordering ?? { order: "label", isDescending: false }),
        offset: page.offset,
        limit: page.size,
      });
      const results = tags.map((tag) => answerTag(organizationId, tag));
      return answerPage(deps, request.url, { page, count, results });
    });

    app.get<OfTag>(`${base}/:tag`, async (request) => {
      const organizationId = readerOf(request);
      const tag = await loadTag(deps.store.db, organizationId, idOf(request.params.tag));
      if (tag === null) throw new AppError("not_found");
      return answerTag(organizationId, tag);
    });

    app.post<ById>(base, async (request, reply) => {
      const acting = writerOf(request);
      const { label } = parseBody(tagSchema, request.body);
      const tag = await makeTag(deps, acting, label);
      return await reply.code(201).send(answerTag(acting.principal.organizationId, tag));
    });

    app.patch<OfTag>(`${base}/:tag`, async (request) => {
      const acting = writerOf(request);
      const { label } = parseBody(tagPatchSchema, request.body);
      const tag = await changeTag(deps, acting, { id: idOf(request.params.tag), label });
      return answerTag(acting.principal.organizationId, tag);
    });

    app.delete<OfTag>(`${base}/:tag`, async (request, reply) => {
      await removeTag(deps, writerOf(request), idOf(request.params.tag));
      return await reply.code(204).send();
    });
    await app.register(manyTagsRoutes(deps));
    await app.register(tagImportRoutes(deps));
  };
}

function manyTagsRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.post<ById>(`${base}/bulk`, async (request, reply) => {
      const acting = writerOf(request);
      const { labels } = parseBody(tagBulkSchema, request.body);
      const created = await makeManyTags(deps, acting, labels);
      return await reply.code(201).send({ created });
    });

    app.delete<ById>(`${base}/bulk`, async (request) => {
      const acting = writerOf(request);
      const { ids = [] } = parseQuery(tagBulkRemovalSchema, removalOf(request));
      if (ids.length === 0) {
        throw new AppError("validation_failed", { fields: { ids: ["Name the tags."] } });
      }
      return { deleted: await removeManyTags(deps, acting, ids) };
    });

    app.post<ById>(`${base}/assignments`, async (request) => {
      const acting = writerOf(request);
      const query = parseQuery(tagAssignmentQuerySchema, request.query);
      const body = parseBody(tagAssignmentSchema, request.body);
      const { all, included = [], excluded = [], overwrite = false, tags } = body;
      if (tags === undefined && overwrite) {
        const sentence = "Say which tags replace the others; an empty list takes all away.";
        throw new AppError("validation_failed", { fields: { tags: [sentence] } });
      }
      const filter = memberFilterOf(acting.principal.organizationId, query);
      const who = { all, included, excluded, filter };
      const what = { tagIds: tags ?? [], overwrites: overwrite };
      return { assigned: await assignTags(deps, acting, { ...who, ...what }) };
    });
  };
}

function tagImportRoutes(deps: Deps): FastifyPluginAsync {
  return async (app) => {
    app.post<ById>(`${base}/imports`, async (request, reply) => {
      const acting = writerOf(request);
      const { bulk_tags: tags = "", file } = parseBody(tagImportSchema, await readForm(request));
      const [read, everybody] = [readTagFile(file), readLabels(tags)];
      const fields = {
        ...("problem" in read && { file: [read.problem] }),
        ...("problem" in everybody && { bulk_tags: [everybody.problem] }),
      };
      if ("problem" in read || "problem" in everybody) {
        throw new AppError("validation_failed", { fields });
      }
      const given = { members: read.members, labels: everybody.labels };
      return await reply.code(201).send({ import: await importTags(deps, acting, given) });
    });

    app.get<{ Params: { id: string; import: string } }>(
      `${base}/imports/:import`,
      async (request) => {
        const organizationId = organizationOf(
          request.caller("member_tags:write"),
          request.params.id,
        );
        const id = idOf(request.params.import);
        const done = await loadTagImport(deps.store.db, organizationId, id);
        if (done === null) throw new AppError("not_found");
        const at = new Date(done.createdAt).toISOString();
        return {
          id,
          status: "completed",
          created_at: at,
          finished_at: at,
          tags_created: done.tagsCreated,
          assignments_created: done.assignmentsCreated,
          users_skipped: done.usersSkipped,
        };
      },
    );
  };
}

function readerOf(request: FastifyRequest<ById>): number {
  return organizationOf(request.caller("member_tags:read"), request.params.id);
}

function writerOf(request: FastifyRequest<ById>): Acting {
  const acting = actingCallerOf(request, "member_tags:write");
  organizationOf(acting.principal, request.params.id);
  return acting;
}

function answerTag(organizationId: number, tag: TagRecord) {
  return {
    id: tag.id,
    label: tag.label,
    organization: organizationId,
    member_count: tag.memberCount,
    created_by: answerCreator(tag.createdBy),
    created_at: new Date(tag.createdAt).toISOString(),
    updated_at: new Date(tag.updatedAt).toISOString(),
  };
}

const maxFileBytes = 1_048_576;

/** The form's fields, the file as its text. @throws AppError where it is no form, or no text */
async function readForm(request: FastifyRequest): Promise<Readonly<Record<string, string>>> {
  if (!request.isMultipart()) {
    const detail = "Send a multipart form with the CSV file as the field `file`.";
    throw new AppError("unsupported_media_type", { detail });
  }
  const fields = new Map<string, string>();
  try {
    const limits = { fileSize: maxFileBytes, fieldSize: maxFileBytes, parts: 10 };
    for await (const part of request.parts({ limits })) {
      if (fields.has(part.fieldname)) throw twice(part.fieldname);
      if (part.type === "file") fields.set(part.fieldname, textOf(await part.toBuffer()));
      else if (part.valueTruncated) throw new AppError("payload_too_large");
      else fields.set(part.fieldname, String(part.value));
    }
  } catch (error) {
    // The limits of size and number have codes of their own; what has none is the parser's complaint.
    if (error instanceof AppError || (error instanceof Error && "code" in error)) throw error;
    throw new AppError("bad_request", { detail: "The multipart form is broken.", cause: error });
  }
  return Object.fromEntries(fields);
}

function twice(field: string): AppError {
  return new AppError("validation_failed", { fields: { [field]: ["Send this only once."] } });
}

/** The text of a file in UTF-8, with or without a byte order mark. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    const fields = { file: ["This is no text in UTF-8; save the table as CSV in UTF-8."] };
    throw new AppError("validation_failed", { fields, cause: error });
  }
}
