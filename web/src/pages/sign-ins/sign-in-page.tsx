/** A sign-in. */
import { PageHeader } from "../../ui/page-header.tsx";

/** The page. */
export function SignInPage() {
  return <PageHeader title="A sign-in" />;
}
