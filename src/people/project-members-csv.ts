/** The members of a project as CSV: the columns, and all members of a filter in batches. */
import type { Deps } from "../deps.ts";
import { listPlaceMembers, type PlaceMemberFilter } from "../store/place-members.ts";
import { toWire } from "../store/wire-numbers.ts";
import { csvHead, csvLine } from "./csv.ts";
import { answerProjectMember } from "./place-answers.ts";

const columns = [
  ...["id", "email", "first_name", "last_name", "role"],
  ...["project_role", "project_role_source", "implicit_member", "date_joined", "last_activity"],
];

type PlaceList = Parameters<typeof listPlaceMembers>[1];

const batch = 2_000;

/** Every member whom the filter finds, a line each. Numbers of people are those that answers have. */
export async function projectMembersCsv(
  { config, store }: Pick<Deps, "config" | "store">,
  {
    place,
    filter,
    order,
  }: {
    readonly place: PlaceList["place"];
    readonly filter: PlaceMemberFilter;
    readonly order: Pick<PlaceList["page"], "order" | "isDescending">;
  },
): Promise<string> {
  const lines = [csvHead(columns)];
  for (let offset = 0; ; offset += batch) {
    const page = { ...order, offset, limit: batch };
    const { members } = await listPlaceMembers(store.db, { place, filter, page });
    const rows = members.map((member) => {
      const answer = answerProjectMember(place.organizationId, member);
      return { ...answer, role: member.role };
    });
    // What is text already is not translated on its way out.
    const wire = config.upstreamUrl === "" ? rows : await toWire(store.db, rows);
    const plain = JSON.parse(JSON.stringify(wire)) as readonly Record<string, unknown>[];
    lines.push(...plain.map((row) => csvLine(columns, row)));
    if (members.length < batch) return lines.join("");
  }
}
