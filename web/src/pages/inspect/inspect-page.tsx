/** Inspect a response. */
import { PageHeader } from "../../ui/page-header.tsx";

/** The page. */
export function InspectPage() {
  return <PageHeader title="Inspect a response" />;
}
