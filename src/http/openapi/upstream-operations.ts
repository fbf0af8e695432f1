/** The document's operations about the Label Studio behind Labelgate (GATEWAY 10.1, 10.5). */
import { z } from "zod";
import { assignSchema, linkSchema } from "../../gateway/upstream-routes.ts";
import { operation, under } from "./operation.ts";
import { syncAnswer, upstreamAnswer } from "./upstream-answers.ts";

const base = "/api/labelgate/upstream";

export const upstreamOperations = under("Label Studio", [
  operation(`GET ${base}`, "Tell how Label Studio is connected", {
    description:
      "What is found of the server, people and projects that are not in step and why, what differs where the gateway is closed.",
    answer: upstreamAnswer,
  }),
  operation(`POST ${base}/sync`, "Bring people and projects in step now", { answer: syncAnswer }),
  operation(
    `POST ${base}/link`,
    "Link a person to an account, or a project to one, of Label Studio",
    {
      description:
        "An account that was somebody's goes to nobody else. Label Studio's owner, and the account that Labelgate asks as, are linked by the command line alone.",
      body: linkSchema,
    },
  ),
  operation(`POST ${base}/assign`, "Put many projects into a workspace, or out of any", {
    body: assignSchema,
    answer: z.object({ assigned: z.int() }),
  }),
  operation(
    `POST ${base}/accept`,
    "Accept that another database is behind the address of Label Studio",
    {
      description:
        "Whatever differs from what is known is unlinked, people are linked by their addresses anew, and the gateway opens.",
      answer: z.object({ taken: z.int() }),
    },
  ),
]);
