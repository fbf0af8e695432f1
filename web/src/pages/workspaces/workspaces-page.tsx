/** Workspaces. */
import { PageHeader } from "../../ui/page-header.tsx";

/** The page. */
export function WorkspacesPage() {
  return <PageHeader title="Workspaces" />;
}
