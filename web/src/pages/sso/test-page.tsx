/**
 * A test sign-in (PRODUCT 8.2): waits for the identity provider's answer, then tells its story and what
 * to do with it. Whoever ends here is signed in as before.
 */
import { Button, Group, Loader, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "../../api/client.ts";
import { prepareTest, samlSettingsQuery } from "../../api/saml-settings.ts";
import { type TestSignIn, testSignInQuery } from "../../api/trials.ts";
import { ReportShown } from "../../story/story-shown.tsx";
import { asError } from "../../ui/as-error.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorNotice, ErrorState } from "../../ui/error-state.tsx";
import { ButtonLink, TextLink } from "../../ui/links.tsx";
import { Loading } from "../../ui/loading.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Moment, TimeAgo } from "../../ui/time-ago.tsx";

const back = { to: "/organization/security/sso", label: "SSO & SAML" } as const;

/** The page. */
export function TestPage() {
  const { id } = useParams({ from: "/organization/security/sso/test/$id" });
  const { data: testSignIn, error, refetch } = useQuery(testSignInQuery(id));
  const isGone = error instanceof ApiError && error.status === 404;
  return (
    <>
      <PageHeader
        back={back}
        title="Test sign-on"
        lead={
          testSignIn?.state === "done" ? (
            <Tested testSignIn={testSignIn} />
          ) : (
            "A whole sign-on that signs nobody in and changes nothing."
          )
        }
        actions={testSignIn?.state === "done" && <Again />}
      />
      {isGone && <Gone />}
      {!isGone && error !== null && testSignIn === undefined && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
      {error === null && testSignIn === undefined && <Loading lines={8} />}
      {!isGone && testSignIn !== undefined && <State testSignIn={testSignIn} />}
    </>
  );
}

function Tested({ testSignIn: { at, configuration } }: { readonly testSignIn: TestSignIn }) {
  const settings =
    configuration === "saved" ? "the settings as they are saved" : "settings that are not saved";
  return (
    <>
      Answered <TimeAgo at={at} />, and judged by {settings}. It signed nobody in and changed
      nothing.
    </>
  );
}

function State({ testSignIn }: { readonly testSignIn: TestSignIn }) {
  if (testSignIn.state === "waiting") return <Waiting testSignIn={testSignIn} />;
  if (testSignIn.state === "expired" || testSignIn.story === null) return <Gone />;
  return (
    <ReportShown story={testSignIn.story}>
      <Next testSignIn={testSignIn} />
    </ReportShown>
  );
}

function Waiting({ testSignIn }: { readonly testSignIn: TestSignIn }) {
  const { data: settings } = useQuery(samlSettingsQuery);
  return (
    <div className="lg-card">
      <EmptyState
        title="The identity provider has not answered yet."
        action={
          settings && (
            <Button component="a" mt="sm" href={`/saml/${settings.token}/test/${testSignIn.id}`}>
              Go to the identity provider
            </Button>
          )
        }
      >
        <Group justify="center" gap="sm" mb="xs" role="status">
          <Loader size="xs" aria-hidden="true" />
          Waiting for the answer
        </Group>
        Sign in there as anybody whom you want to test. The story of the sign-on then appears here
        by itself. The test is open until <Moment at={testSignIn.expires_at} />. If the identity
        provider shows an error of its own, it does not know this application by the addresses that
        you gave it:{" "}
        <TextLink to="/organization/security/sso">compare them with those to copy</TextLink>.
      </EmptyState>
    </div>
  );
}

function Gone() {
  return (
    <div className="lg-card">
      <EmptyState title="This test is over." action={<Again isPrimary />}>
        A test is open for 15 minutes, and its story is kept for an hour, since it holds what the
        identity provider told of a person.
      </EmptyState>
    </div>
  );
}

/** Next steps after the result. */
function Next({ testSignIn: { configuration, story } }: { readonly testSignIn: TestSignIn }) {
  const isGood = story?.outcome === "admitted";
  return (
    <Stack gap={6} mt="xs">
      {configuration === "unsaved" && (
        <Text>
          {isGood
            ? "These settings are not saved yet: save them in the window where you typed them."
            : "These settings are not saved. Change them in the window where you typed them, and test again."}
        </Text>
      )}
      {configuration === "saved" && isGood && (
        <Text>
          Give people the <TextLink to="/organization/security/sso">Login URL</TextLink>, or have
          them start at the identity provider's portal.
        </Text>
      )}
      {!isGood && (
        <Group gap="md">
          <TextLink to="/organization/security/sso">Change the settings</TextLink>
          <TextLink to="/organization/security/inspect">Inspect a response</TextLink>
        </Group>
      )}
    </Stack>
  );
}

/** Another test, of what is saved. */
function Again({ isPrimary = false }: { readonly isPrimary?: boolean }) {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const begin = async () => {
    setIsBusy(true);
    setError(null);
    try {
      const { url } = await prepareTest({});
      window.location.assign(new URL(url, window.location.origin));
    } catch (thrown) {
      setError(asError(thrown));
      setIsBusy(false);
    }
  };
  return (
    <Stack gap="xs">
      <Group gap="sm" justify={isPrimary ? "center" : "flex-end"}>
        <ButtonLink to="/organization/security/sso" variant="default">
          To the settings
        </ButtonLink>
        <Button loading={isBusy} onClick={() => void begin()}>
          Test the saved settings again
        </Button>
      </Group>
      {error !== null && <ErrorNotice error={error} />}
    </Stack>
  );
}
