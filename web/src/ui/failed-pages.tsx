/** Pages in place of a page: nothing at this address, not for this role, or it broke. */
import { Button, Group, Stack } from "@mantine/core";
import { roleName } from "../../../src/access/roles.ts";
import { boot } from "../boot.ts";
import { firstPath } from "../nav.ts";
import { ErrorState } from "./error-state.tsx";
import { ButtonLink } from "./links.tsx";
import { PageHeader } from "./page-header.tsx";

/** Nothing at this address. */
export function MissingPage() {
  return (
    <>
      <PageHeader
        title="Page not found"
        lead="There is nothing at this address. It may have been mistyped, or what was here is gone."
      />
      <ButtonLink to={firstPath()}>Go to the start page</ButtonLink>
    </>
  );
}

/** A page of another role. */
export function ForbiddenPage() {
  return (
    <>
      <PageHeader
        title="This is not allowed"
        lead={`Your role, ${roleName(boot.user.role)}, does not open this page. Ask an administrator of the organization if you need it.`}
      />
      <ButtonLink to={firstPath()}>Go to the start page</ButtonLink>
    </>
  );
}

/** A page that threw, or whose file is gone because the server was updated. */
export function FailedPage({
  error,
  onRetry,
}: {
  readonly error: Error;
  readonly onRetry: () => void;
}) {
  return (
    <Stack>
      <PageHeader title="This page did not open" />
      <ErrorState error={error} onRetry={onRetry} />
      <Group>
        <Button onClick={() => window.location.reload()}>Load the page again</Button>
      </Group>
    </Stack>
  );
}
