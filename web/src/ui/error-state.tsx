/** State of a page after a failure: the event, the advice, and the way to try again. */
import { Button, List, Text } from "@mantine/core";
import { ApiError } from "../api/client.ts";
import { Notice } from "./notice.tsx";

interface ErrorStateProps {
  readonly error: Error;
  readonly onRetry?: () => void;
}

/** In place of what could not be loaded. */
export function ErrorState({ error, onRetry }: ErrorStateProps) {
  return (
    <Notice
      tone="bad"
      isLive
      title="This could not be loaded."
      action={
        onRetry && (
          <Button variant="default" onClick={onRetry}>
            Try again
          </Button>
        )
      }
    >
      <ErrorText error={error} />
    </Notice>
  );
}

/** Beside a button that did not do what it says. */
export function ErrorNotice({ error }: { readonly error: Error }) {
  return (
    <Notice tone="bad" isLive>
      <ErrorText error={error} />
    </Notice>
  );
}

function ErrorText({ error }: { readonly error: Error }) {
  if (!(error instanceof ApiError)) {
    return <>Something went wrong on this page. Load it again; if that does not help, tell us.</>;
  }
  const sentences = Object.values(error.fieldErrors).flat();
  return (
    <>
      {error.detail}
      {sentences.length > 0 && (
        <List mt={4}>
          {sentences.map((sentence) => (
            <List.Item key={sentence}>{sentence}</List.Item>
          ))}
        </List>
      )}
      {error.status >= 500 && error.reference !== null && (
        <Text size="sm" mt={4}>
          Reference for the server's log: <span className="lg-code">{error.reference}</span>
        </Text>
      )}
    </>
  );
}
