/**
 * Answers of the API about the Label Studio behind Labelgate: for its document, and as the types of the
 * page.
 */
import { z } from "zod";
import { id, time } from "./answers.ts";

const count = z.int().nonnegative();

/** The result of the last look at all people and projects; `problem` is null where it went well. */
export const syncAnswer = z.object({
  at: time,
  problem: z.string().nullable(),
  people: count,
  projects: count,
});

const connected = z.looseObject({
  connected: z.literal(true),
  url: z.string(),
  public_url: z.string(),
  state: z.looseObject({
    phase: z.enum(["installing", "starting", "ready", "failed", "away"]),
    percent: z.number().nullable(),
    message: z.string(),
  }),
  findings: z.array(z.object({ level: z.enum(["ok", "warning", "problem"]), text: z.string() })),
  people: z.object({
    ...{ count, linked: count, waiting: count },
    /**
     * People without an account in Label Studio, and the reason; somebody must choose one for those
     * undecided.
     */
    problems: z.array(
      z.looseObject({
        ...{
          id: z.int(),
          email: z.string(),
          problem: z.string().nullable(),
          is_undecided: z.boolean(),
        },
      }),
    ),
    former_addresses: z.array(
      z.looseObject({ id: z.int(), email: z.string(), upstream_email: z.string() }),
    ),
  }),
  projects: z.object({
    ...{ linked: count, unassigned: count, gone: count, unlinked: count },
    /** Projects from before Label Studio was connected; `suggested` are numbers of equal title there. */
    to_link: z.array(z.looseObject({ id: z.int(), title: z.string(), suggested: z.array(id) })),
  }),
  closed: z
    .object({ at: time, differences: z.array(z.looseObject({ problem: z.string() })) })
    .nullable(),
  last_sync: syncAnswer.nullable(),
});

/** As much as there is to say: nothing more where no Label Studio is connected. */
export const upstreamAnswer = z.discriminatedUnion("connected", [
  connected,
  z.object({ connected: z.literal(false) }),
]);
