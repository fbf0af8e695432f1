/** The Label Studio behind Labelgate: its condition, what is found of it, who and what is in step. */
import "./label-studio.css";
import { Button, Group, List, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import {
  acceptStudio,
  type ConnectedStudio,
  type Finding,
  studioQuery,
  syncStudio,
} from "../../api/upstream.ts";
import { may } from "../../boot.ts";
import { asError } from "../../ui/as-error.ts";
import { ConfirmTyped } from "../../ui/confirm-typed.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Facts } from "../../ui/facts.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Notice } from "../../ui/notice.tsx";
import { notifyDone, notifyFailed } from "../../ui/notify.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Section } from "../../ui/section.tsx";
import { Tag, type Tone } from "../../ui/tag.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { PeopleInStep } from "./people-in-step.tsx";
import { ProjectsInStep } from "./projects-in-step.tsx";

/** The page. */
export function LabelStudioPage() {
  const { data, error, refetch, isFetching } = useQuery(studioQuery);
  return (
    <>
      <PageHeader
        title="Label Studio"
        lead="The Label Studio that people reach through Labelgate, and whether both know the same people and projects."
        actions={
          <Button variant="default" loading={isFetching} onClick={() => void refetch()}>
            Refresh
          </Button>
        }
      />
      {error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {error === null && data === undefined && <Loading lines={8} />}
      {data?.connected === false && <NotConnected />}
      {data?.connected === true && (
        <Stack gap="lg">
          {data.closed !== null && <Closed closed={data.closed} />}
          <Condition studio={data} />
          <PeopleInStep people={data.people} />
          <ProjectsInStep projects={data.projects} />
        </Stack>
      )}
    </>
  );
}

function NotConnected() {
  return (
    <Section
      title="No Label Studio is connected"
      lead="Labelgate is the directory of people and access alone."
    >
      <List>
        <List.Item>
          To try it: start Labelgate with <code>UPSTREAM_URL=embedded</code>, which installs and
          runs a Label Studio. It needs Python 3.10 or later.
        </List.Item>
        <List.Item>
          To connect yours: set <code>UPSTREAM_URL</code> to its address and{" "}
          <code>UPSTREAM_SECRET_KEY</code> to its SECRET_KEY, let only Labelgate reach it, and run{" "}
          <code>labelgate check</code>. docs/label-studio.md leads through it.
        </List.Item>
      </List>
    </Section>
  );
}

const phases: Readonly<
  Record<ConnectedStudio["state"]["phase"], readonly [tone: Tone, word: string]>
> = {
  ready: ["good", "Ready"],
  installing: ["accent", "Being installed"],
  starting: ["accent", "Starting"],
  away: ["bad", "Away"],
  failed: ["bad", "Failed"],
};

function Condition({ studio }: { readonly studio: ConnectedStudio }) {
  const { state, url, public_url: publicUrl, findings, last_sync: lastSync } = studio;
  const [tone, word] = phases[state.phase];
  const isOnItsWay = state.phase === "installing" || state.phase === "starting";
  const percent = state.percent === null ? "" : ` ${state.percent} %`;
  return (
    <Section title="Condition" actions={may("upstream:write") && <SyncButton />}>
      <Facts
        facts={[
          ["Label Studio", <Tag key="phase" tone={tone}>{`${word}${percent}`}</Tag>],
          ...(state.phase === "ready" ? [] : [["What happens", state.message] as const]),
          ["Address", url === "embedded" ? "Embedded: Labelgate runs it" : url],
          ["Shown at", publicUrl],
          ["Last in step", <TimeAgo key="sync" at={lastSync?.at ?? null} />],
        ]}
      />
      {/* What cannot be reached yet is no finding. */}
      {!isOnItsWay && <Findings findings={findings} />}
    </Section>
  );
}

const levels: Readonly<Record<Finding["level"], readonly [tone: Tone, word: string]>> = {
  ok: ["good", "OK"],
  warning: ["warn", "Warning"],
  problem: ["bad", "Problem"],
};

/** Findings of the check, problems first. */
function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  const order: readonly Finding["level"][] = ["problem", "warning", "ok"];
  const sorted = findings.toSorted((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
  return (
    <Stack gap="xs" component="ul" className="lg-findings">
      {sorted.map(({ level, text }) => {
        const [tone, word] = levels[level];
        return (
          <Group key={text} component="li" gap="sm" wrap="nowrap" align="flex-start">
            <Tag tone={tone}>{word}</Tag>
            <Text>{text}</Text>
          </Group>
        );
      })}
    </Stack>
  );
}

function SyncButton() {
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const sync = async () => {
    setIsBusy(true);
    setProblem(null);
    try {
      const { problem } = await syncStudio();
      if (problem === null) notifyDone("People and projects were looked at.");
      else setProblem(problem);
    } catch (error) {
      notifyFailed(asError(error));
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <>
      {problem !== null && (
        <Notice tone="bad" isLive>
          {problem}
        </Notice>
      )}
      <Button variant="default" loading={isBusy} onClick={() => void sync()}>
        Sync now
      </Button>
    </>
  );
}

function Closed({ closed }: { readonly closed: NonNullable<ConnectedStudio["closed"]> }) {
  const [isAsking, setIsAsking] = useState(false);
  return (
    <Notice
      tone="bad"
      title="The gateway is closed: another database stands behind the address."
      action={
        may("upstream:write") && (
          <Button color="red" onClick={() => setIsAsking(true)}>
            Accept this database…
          </Button>
        )
      }
    >
      <Text>
        Put the right database back, or accept this one. Nobody reaches Label Studio until then.
      </Text>
      <List mt={4}>
        {closed.differences.slice(0, 10).map(({ problem }) => (
          <List.Item key={problem}>{problem}</List.Item>
        ))}
      </List>
      <ConfirmTyped
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        title="Accept this database"
        phrase="accept"
        confirmLabel="Accept the database"
        onConfirm={acceptStudio}
      >
        People and projects that differ lose their link and the access that came with it; the
        gateway opens.
      </ConfirmTyped>
    </Notice>
  );
}
