/** The document's operations about the Label Studio behind Labelgate (GATEWAY 10.1, 10.5). */
import { z } from "zod";
import { assignSchema, linkSchema } from "../../gateway/upstream-routes.ts";
import type { Operation } from "./operation.ts";

const base = "/api/labelgate/upstream";
const tag = "Label Studio";
const sync = z.object({
  at: z.iso.datetime(),
  problem: z.string().nullable(),
  people: z.int(),
  projects: z.int(),
});

/** Nothing but `connected` where no Label Studio is. */
const described = z.looseObject({
  connected: z.boolean(),
  findings: z
    .array(z.object({ level: z.enum(["ok", "warning", "problem"]), text: z.string() }))
    .optional(),
  last_sync: sync.nullable().optional(),
});

export const upstreamOperations: readonly Operation[] = [
  {
    ...{ method: "get", path: base, tag, status: 200, answer: described },
    summary: "Tell how Label Studio is connected",
    description:
      "What is found of the server, people and projects that are not in step and why, what differs where the gateway is closed.",
  },
  {
    ...{ method: "post", path: `${base}/sync`, tag, status: 200, answer: sync },
    summary: "Bring people and projects in step now",
  },
  {
    ...{ method: "post", path: `${base}/link`, tag, body: linkSchema, status: 204, answer: null },
    summary: "Link a person to an account, or a project to one, of Label Studio",
    description:
      "An account that was somebody's goes to nobody else. Label Studio's owner, and the account that Labelgate asks as, are linked by the command line alone.",
  },
  {
    ...{ method: "post", path: `${base}/assign`, tag, body: assignSchema, status: 200 },
    answer: z.object({ assigned: z.int() }),
    summary: "Put many projects into a workspace, or out of any",
  },
  {
    ...{ method: "post", path: `${base}/accept`, tag, status: 200 },
    answer: z.object({ taken: z.int() }),
    summary: "Accept that another database is behind the address of Label Studio",
    description:
      "Whatever differs from what is known is unlinked, people are linked by their addresses anew, and the gateway opens.",
  },
];
