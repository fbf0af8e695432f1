/**
 * Security › SSO & SAML: the guided set-up until the identity provider is known, and everything on
 * one page from then on. Which step of the set-up is shown stands in the address.
 */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type SamlSettings, samlSettingsQuery, type UndoReset } from "../../api/saml-settings.ts";
import { ErrorState } from "../../ui/error-state.tsx";
import { Loading } from "../../ui/loading.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { useSearchState } from "../../ui/use-search-state.ts";
import { Overview } from "./overview.tsx";
import { ResetNotice } from "./reset.tsx";
import { Setup } from "./setup.tsx";
import {
  isConfigured,
  nextStep,
  rememberedStep,
  rememberStep,
  type StepKey,
  stepOf,
} from "./steps.ts";
import { UnsavedGuard } from "./unsaved.tsx";
import "./sso.css";

/** The page. */
export function SsoPage() {
  const { data: settings, error, refetch } = useQuery(samlSettingsQuery);
  const { set } = useSearchState();
  const [undo, setUndo] = useState<{ readonly run: UndoReset } | null>(null);
  const endUndo = () => {
    setUndo(null);
    set({ step: "", view: "all" });
  };
  return (
    <>
      <PageHeader
        title="SSO & SAML"
        lead="People sign in through your identity provider, and their groups there decide what they may do here."
      />
      {undo !== null && <ResetNotice undo={undo.run} onUndone={endUndo} />}
      {settings === undefined && error === null && <Loading lines={8} />}
      {settings === undefined && error !== null && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
      {settings !== undefined && (
        <UnsavedGuard>
          <Content settings={settings} onReset={(run) => setUndo({ run })} />
        </UnsavedGuard>
      )}
    </>
  );
}

interface ContentProps {
  readonly settings: SamlSettings;
  readonly onReset: (undo: UndoReset) => void;
}

function Content({ settings, onReset }: ContentProps) {
  const { search, set } = useSearchState();
  const asked = stepOf(search["step"]);
  const isWhole = search["view"] === "all" && isConfigured(settings);
  const step = asked ?? (isWhole ? null : stepUnderWay(settings));
  useEffect(() => {
    if (step === null) rememberStep(null);
    else if (asked === null) set({ step, view: "" });
  }, [step, asked, set]);
  if (step !== null) return <Setup settings={settings} step={step} />;
  return <Overview settings={settings} onReset={onReset} />;
}

/** The step at which a set-up goes on; null where there is nothing to set up any more. */
function stepUnderWay(settings: SamlSettings): StepKey | null {
  return rememberedStep() ?? (isConfigured(settings) ? null : nextStep(settings));
}
