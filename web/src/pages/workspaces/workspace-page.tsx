/** Workspace. */
import { PageHeader } from "../../ui/page-header.tsx";

/** The page. */
export function WorkspacePage() {
  return <PageHeader title="Workspace" />;
}
