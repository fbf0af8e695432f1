/** Projects. */
import { PageHeader } from "../../ui/page-header.tsx";

/** The page. */
export function ProjectsPage() {
  return <PageHeader title="Projects" />;
}
