/**
 * Inspect (PRODUCT 8.3): a pasted response, told like a sign-in. Nothing of what is pasted is kept, here
 * or on the server.
 */
import { Button, Group, Stack, Switch, Text, Textarea } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { ApiError } from "../../api/client.ts";
import { samlSettingsQuery } from "../../api/saml-settings.ts";
import { type InspectedReport, inspectResponse } from "../../api/trials.ts";
import { ReportShown } from "../../story/story-shown.tsx";
import { asError } from "../../ui/as-error.ts";
import { ErrorNotice } from "../../ui/error-state.tsx";
import { TextLink } from "../../ui/links.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Section } from "../../ui/section.tsx";
import { Moment } from "../../ui/time-ago.tsx";
import "./inspect.css";

/** The page. */
export function InspectPage() {
  const [text, setText] = useState("");
  const [ignoreTime, setIgnoreTime] = useState(false);
  const inspection = useMutation({
    mutationFn: async (asked: { readonly text: string; readonly ignoreTime: boolean }) => ({
      story: await inspectResponse(asked.text, asked),
      ignoreTime: asked.ignoreTime,
    }),
  });
  const inspect = (ignores: boolean) => {
    setIgnoreTime(ignores);
    inspection.mutate({ text, ignoreTime: ignores });
  };
  const { data, error, isPending } = inspection;
  return (
    <>
      <PageHeader
        title="Inspect a response"
        lead="Paste what an identity provider sent, and see how a sign-on with it would end, check by check. It signs nobody in, changes nothing, and is not kept."
      />
      <Stack gap="lg">
        <Section title="The response">
          <PasteForm
            {...{ text, ignoreTime, error, isPending }}
            onText={setText}
            onIgnoreTime={setIgnoreTime}
            onInspect={() => inspect(ignoreTime)}
            onClear={() => {
              setText("");
              inspection.reset();
            }}
          />
          <HowToFind />
        </Section>
        {data !== undefined && <Result {...data} onIgnoreTime={() => inspect(true)} />}
      </Stack>
    </>
  );
}

interface FormProps {
  readonly text: string;
  readonly ignoreTime: boolean;
  readonly error: Error | null;
  readonly isPending: boolean;
  readonly onText: (text: string) => void;
  readonly onIgnoreTime: (ignore: boolean) => void;
  readonly onInspect: () => void;
  readonly onClear: () => void;
}

function PasteForm(props: FormProps) {
  const { text, ignoreTime, error, isPending } = props;
  const fieldError = error instanceof ApiError ? error.fieldErrors["saml_response"] : undefined;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!isPending) props.onInspect();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Textarea
          label="SAMLResponse"
          description="As XML, in base64, deflated or URL-encoded; a whole form or address with SAMLResponse in it will do too."
          value={text}
          onChange={(event) => props.onText(event.currentTarget.value)}
          rows={9}
          classNames={{ input: "lg-code lg-paste" }}
          spellCheck={false}
          autoComplete="off"
          {...(fieldError !== undefined && { error: fieldError.join(" ") })}
        />
        <Switch
          label="Ignore the time"
          description="Judges an old response as of the moment at which it says that it was issued."
          checked={ignoreTime}
          onChange={(event) => props.onIgnoreTime(event.currentTarget.checked)}
        />
        {error !== null && fieldError === undefined && <ErrorNotice error={asError(error)} />}
        <Group gap="sm">
          <Button type="submit" loading={isPending}>
            Inspect
          </Button>
          {text !== "" && (
            <Button variant="default" onClick={props.onClear}>
              Clear
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

function HowToFind() {
  const { data: settings } = useQuery(samlSettingsQuery);
  return (
    <details className="lg-how">
      <summary>Where to find one</summary>
      <ol>
        <li>Open the developer tools of the browser, and there the network view; keep the log.</li>
        <li>Sign in through the identity provider.</li>
        <li>
          Choose the POST request to{" "}
          {settings === undefined ? (
            "the ACS URL"
          ) : (
            <span className="lg-code">{new URL(settings.acs_url).pathname}</span>
          )}
          , and copy SAMLResponse from its form data.
        </li>
      </ol>
      <Text size="sm" c="dimmed">
        A response tells who somebody is and may open a session for some minutes. Take it from
        nobody else's browser without their knowing, and send it by nothing that keeps it. A{" "}
        <TextLink to="/organization/security/sso">test sign-on</TextLink> shows the same without
        copying anything.
      </Text>
    </details>
  );
}

const forms: Readonly<Record<NonNullable<InspectedReport["form"]>, string>> = {
  base64: "base64",
  deflated: "deflated base64",
  url_encoded: "URL-encoded base64",
  xml: "XML",
};

interface ResultProps {
  readonly story: InspectedReport;
  readonly ignoreTime: boolean;
  readonly onIgnoreTime: () => void;
}

function Result({ story, ignoreTime, onIgnoreTime }: ResultProps) {
  const { form, issue_instant: issued, code } = story;
  const isOfTime = code === "saml_expired" || code === "saml_session_expired";
  return (
    <ReportShown story={story}>
      <Text mt={6} c="var(--lg-soft)" size="sm">
        {form === null ? "No message was found in the text." : `It was read as ${forms[form]}`}
        {form !== null && issued === null && "."}
        {form !== null && issued !== null && (
          <>
            , and says that it was issued on <Moment at={issued} />
            {ignoreTime ? ", by which it was judged." : "."}
          </>
        )}
      </Text>
      {isOfTime && !ignoreTime && (
        <Button mt="sm" variant="default" onClick={onIgnoreTime}>
          Judge it as of when it was issued
        </Button>
      )}
    </ReportShown>
  );
}
