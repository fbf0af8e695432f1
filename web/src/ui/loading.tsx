/** In place of what is on its way. */
import { Skeleton, Stack, VisuallyHidden } from "@mantine/core";

/** Grey lines; screen readers hear that something is loading. */
export function Loading({ lines = 4 }: { readonly lines?: number }) {
  return (
    <Stack gap="sm" role="status">
      <VisuallyHidden>Loading…</VisuallyHidden>
      {Array.from({ length: lines }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are alike and never change places
        <Skeleton key={index} height={18} width={index === lines - 1 ? "60%" : "100%"} />
      ))}
    </Stack>
  );
}
