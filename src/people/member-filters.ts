/**
 * The filters of `memberships/search`. Enterprise publishes that they are versioned JSON and not what
 * stands in it, so that Labelgate's are its own: those of the list of members and places, in the form of
 * the one filter language that the SDK documents (the data manager's). `filter-schema` lists them; whatever
 * else is sent is refused by a sentence, since a filter that does nothing would show too much.
 */
import { z } from "zod";
import { orgRoles } from "../access/roles.ts";
import type { Deps } from "../deps.ts";
import { AppError } from "../errors.ts";
import type { MemberFilter } from "../store/members.ts";
import { internalNumbers } from "../store/wire-numbers.ts";
import { memberFilterFields, memberFilterOf, seatTypes, sources } from "./member-list.ts";
import { parseQuery } from "./parse.ts";
import { idsField } from "./place-fields.ts";

export const filterVersion = 1;

interface FilterKind {
  readonly filter: string;
  readonly label: string;
  readonly type: "text" | "list" | "boolean" | "time";
  /** Operator → the parameter that means the same. */
  readonly operators: Readonly<Record<string, string>>;
  /** The values that there are, or where they are listed. */
  readonly options?: readonly string[];
  readonly options_from?: string;
}

const membership = "memberships/filter-options/membership";

/** Filters that the list accepts. */
export const filterKinds: readonly FilterKind[] = [
  {
    filter: "search",
    label: "Name or e-mail address",
    type: "text",
    operators: { contains: "search" },
  },
  {
    filter: "role",
    label: "Role",
    type: "list",
    operators: { in: "role" },
    options: orgRoles,
  },
  {
    filter: "role_source",
    label: "Role set by",
    type: "list",
    operators: { in: "role_source" },
    options: sources,
  },
  {
    filter: "tags",
    label: "Tags",
    type: "list",
    operators: { in: "tags" },
    options_from: "member-tags",
  },
  {
    filter: "workspaces",
    label: "Workspaces",
    type: "list",
    operators: { in: "workspaces" },
    options_from: membership,
  },
  {
    filter: "projects",
    label: "Projects",
    type: "list",
    operators: { in: "projects" },
    options_from: membership,
  },
  {
    filter: "user_type",
    label: "Seat",
    type: "list",
    operators: { in: "user_type" },
    options: seatTypes,
  },
  {
    filter: "has_password",
    label: "Signs in by password",
    type: "boolean",
    operators: { equal: "has_password" },
  },
  {
    filter: "last_activity",
    label: "Last activity",
    type: "time",
    operators: {
      greater_or_equal: "user__last_activity__gte",
      less_or_equal: "user__last_activity__lte",
    },
  },
];

/** `GET …/memberships/filter-schema`. */
export const answerFilterSchema = () => ({
  version: filterVersion,
  filters: filterKinds.map(({ operators, ...kind }) => ({
    ...kind,
    operators: Object.keys(operators),
  })),
});

const seeSchema = "GET …/memberships/filter-schema lists what there is.";

const payload = z.strictObject(
  {
    version: z.literal(filterVersion, { error: `Send "version": ${filterVersion}.` }).optional(),
    conjunction: z
      .literal("and", { error: 'Filters are joined by "and"; there is no other conjunction.' })
      .optional(),
    items: z
      .array(
        z.strictObject(
          { filter: z.string(), operator: z.string(), value: z.unknown() },
          {
            error: "Send each filter as an object of filter, operator and value.",
          },
        ),
        { error: "Send `items`, a list of filters." },
      )
      .max(50, { error: "Send at most 50 filters." })
      .optional(),
  },
  {
    error: `Send an object of version, conjunction and items, each with filter, operator and value; ${seeSchema}`,
  },
);

const besideSchema = z.object(memberFilterFields);
/** Numbers of projects as answers have them: of those that are Labelgate's alone minus the internal one. */
const projectsField = z
  .array(z.int().min(-2_147_483_647).max(2_147_483_647), { error: "Send a list of numbers." })
  .max(10_000, { error: "Send at most 10000 numbers." })
  .optional();
const filterSchema = z.object({
  ...memberFilterFields,
  workspaces: idsField,
  projects: projectsField,
});

/**
 * The members whom the filters mean, of those whom the parameters beside them leave.
 * @throws AppError `validation_failed` at `filters`
 */
export async function readFilters(
  deps: Pick<Deps, "config" | "store">,
  organizationId: number,
  { filters, beside }: { filters: unknown; beside: Readonly<Record<string, unknown>> },
): Promise<MemberFilter> {
  const parameters = parametersOf(filters ?? {});
  const twice = Object.keys(parameters).find((name) => Object.hasOwn(beside, name));
  if (twice !== undefined) throw refusal(`${twice} is sent beside the filters too; send it once.`);
  const { workspaces, projects, ...rest } = parsed(parameters);
  const besides = parseQuery(besideSchema, beside);
  return {
    ...memberFilterOf(organizationId, { ...besides, ...given(rest) }),
    ...(workspaces === undefined ? {} : { workspaceIds: workspaces }),
    ...(projects === undefined ? {} : { projectIds: await internalProjects(deps, projects) }),
  };
}

function parametersOf(filters: unknown): Readonly<Record<string, unknown>> {
  const read = payload.safeParse(filters);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw refusal(issue?.message ?? seeSchema);
  }
  const parameters: Record<string, unknown> = {};
  for (const { filter, operator, value } of read.data.items ?? []) {
    const kind = filterKinds.find((one) => one.filter === filter);
    if (kind === undefined) throw refusal(`There is no filter ${named(filter)}; ${seeSchema}`);
    const operators = Object.keys(kind.operators);
    if (!operators.includes(operator)) {
      throw refusal(`The filter ${filter} has the operators ${operators.join(", ")}.`);
    }
    const parameter = kind.operators[operator] ?? filter;
    if (Object.hasOwn(parameters, parameter)) throw refusal(`Send ${filter} ${operator} once.`);
    if (value === null || value === undefined) throw refusal(`The filter ${filter} has no value.`);
    parameters[parameter] = value;
  }
  return parameters;
}

/** The values by the rules that the same parameters have. */
function parsed(parameters: Readonly<Record<string, unknown>>): z.output<typeof filterSchema> {
  try {
    return parseQuery(filterSchema, parameters);
  } catch (error) {
    if (!(error instanceof AppError) || error.fields === undefined) throw error;
    const sentences = Object.entries(error.fields).map(([name, list]) => `${name}: ${list[0]}`);
    throw new AppError("validation_failed", { fields: { filters: sentences } });
  }
}

function given<Fields extends object>(fields: Fields): Partial<Fields> {
  // Entries of `fields` by their names, without those that say nothing.
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Partial<Fields>;
}

/** Projects by the numbers that answers have (GATEWAY 10.5); what means none finds nobody. */
async function internalProjects(
  { config, store }: Pick<Deps, "config" | "store">,
  numbers: readonly number[],
): Promise<readonly number[]> {
  if (config.upstreamUrl === "") return numbers;
  return [...(await internalNumbers(store.db, "project", numbers)).values()];
}

const named = (text: string) => JSON.stringify(text.slice(0, 50));

function refusal(sentence: string): AppError {
  return new AppError("validation_failed", { fields: { filters: [sentence] } });
}
