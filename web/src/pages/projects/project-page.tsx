/** Project. */
import { PageHeader } from "../../ui/page-header.tsx";

/** The page. */
export function ProjectPage() {
  return <PageHeader title="Project" />;
}
