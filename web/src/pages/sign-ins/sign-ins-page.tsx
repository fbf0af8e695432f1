/** Sign-in log. */
import { PageHeader } from "../../ui/page-header.tsx";

/** The page. */
export function SignInsPage() {
  return <PageHeader title="Sign-in log" />;
}
