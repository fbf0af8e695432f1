/**
 * Puts the gateway together with what only the server knows: how pages look, whose address a request
 * comes from, the metrics (GATEWAY 10.2). What the gateway does is gateway/'s.
 */
import type { Deps } from "../deps.ts";
import type { Lookups, Viewers } from "../gateway/contract.ts";
import { Gateway } from "../gateway/handle.ts";
import { AnswerHeaders } from "../gateway/headers.ts";
import type { InStep } from "../gateway/in-step.ts";
import { RoleStyles } from "../gateway/role-styles.ts";
import { StaticFiles } from "../gateway/static-files.ts";
import type { Upstream } from "../gateway/upstream.ts";
import type { GatewayParts } from "../gateway/visit.ts";
import type { StudioSwitches } from "../labelstudio/viewer.ts";
import { fixedHeaders } from "./headers.ts";
import type { Metrics } from "./metrics.ts";
import { clientAddressBy, requestIdBy, trustCheck } from "./proxies.ts";
import { staticUrl } from "./static.ts";

/** A Label Studio behind Labelgate, as whoever starts the server has it. */
export interface Studio {
  readonly upstream: Upstream;
  readonly viewers: Viewers;
  readonly lookups: Lookups;
  readonly inStep: InStep;
}

/** The gateway, and the stylesheets that Fastify serves for it. */
export interface MountedStudio {
  readonly gateway: Gateway;
  readonly styles: RoleStyles;
}

/** Puts the gateway together. */
export function mountStudio(
  deps: Deps,
  studio: Studio,
  { metrics, signInAddress }: { metrics: Metrics } & Pick<GatewayParts, "signInAddress">,
): MountedStudio {
  const { config } = deps;
  const switches = switchesOf(deps);
  const styles = new RoleStyles(switches);
  const isTrusted = trustCheck(config.trustedProxies);
  const gateway = new Gateway({
    ...{ deps, ...studio, switches, styles, signInAddress },
    staticFiles: new StaticFiles(studio.upstream, deps.now),
    answerHeaders: new AnswerHeaders(config),
    look: { stylesheet: staticUrl("app.css"), headers: fixedHeaders(config) },
    watch: {
      requestId: requestIdBy(isTrusted),
      ipOf: clientAddressBy(isTrusted),
      answered: metrics.observeRequest,
    },
  });
  return { gateway, styles };
}

function switchesOf({ config }: Deps): StudioSwitches {
  const { annotatorsSeeOthers, reviewersMayExport, managersMayConnect } = config;
  return {
    ...{ annotatorsSeeOthers, reviewersMayExport, managersMayConnect },
    // Embedded Label Studio runs where Labelgate's own files are.
    administratorsMayReadServerFiles:
      config.administratorsMayReadServerFiles && config.upstreamUrl !== "embedded",
  };
}
