/** Projects that both servers know, and those from before that an administrator links. */
import { Button, Group, Text } from "@mantine/core";
import { type ConnectedStudio, linkProject, type UnlinkedProject } from "../../api/upstream.ts";
import { may } from "../../boot.ts";
import { asError } from "../../ui/as-error.ts";
import { TextLink } from "../../ui/links.tsx";
import { notifyDone, notifyFailed } from "../../ui/notify.tsx";
import { Section } from "../../ui/section.tsx";

/** The section. */
export function ProjectsInStep({ projects }: { readonly projects: ConnectedStudio["projects"] }) {
  const { linked, unassigned, gone, to_link: toLink } = projects;
  return (
    <Section title="Projects" lead={`${linked} projects are in step.`}>
      {unassigned > 0 && (
        <Text>
          {unassigned} of them are in no workspace, so that only Administrators and their members
          see them. <TextLink to="/organization/projects">Assign them to workspaces.</TextLink>
        </Text>
      )}
      {gone > 0 && (
        <Text>{gone} are gone from Label Studio; their members are kept until they come back.</Text>
      )}
      {toLink.length > 0 && (
        <Text>
          These were here before Label Studio was connected. Link each to the project that it is.
        </Text>
      )}
      {toLink.map((project) => (
        <Unlinked key={project.id} project={project} />
      ))}
    </Section>
  );
}

function Unlinked({ project: { id, title, suggested } }: { readonly project: UnlinkedProject }) {
  const link = async (number: number) => {
    try {
      await linkProject(id, number);
      notifyDone(`${title} is project ${number} of Label Studio.`);
    } catch (error) {
      notifyFailed(asError(error));
    }
  };
  return (
    <Group justify="space-between" gap="sm">
      <Text fw={600}>{title}</Text>
      {suggested.length === 0 && (
        <Text c="dimmed" size="sm">
          No project of this title in Label Studio
        </Text>
      )}
      {may("upstream:write") &&
        suggested.map((number) => (
          <Button key={number} variant="default" onClick={() => void link(number)}>
            Link to project {number}
          </Button>
        ))}
    </Group>
  );
}
