/** The document's operations of workspaces and projects. */
import {
  projectBulkQuerySchema,
  projectBulkRemovalSchema,
  projectBulkSchema,
  projectMemberExportSchema,
  projectMemberPageSchema,
  projectMemberRemovalSchema,
  projectMemberSchema,
} from "../../people/project-member-routes.ts";
import { ownProjectRolesSchema, projectRoleSchema } from "../../people/project-role-routes.ts";
import {
  projectListSchema,
  projectPatchSchema,
  projectQuerySchema,
  projectSchema,
} from "../../people/project-routes.ts";
import {
  workspaceBulkRemovalSchema,
  workspaceBulkSchema,
  workspaceMemberPageSchema,
  workspaceMemberRemovalSchema,
  workspaceMemberSchema,
} from "../../people/workspace-member-routes.ts";
import {
  workspaceListSchema,
  workspacePatchSchema,
  workspaceProjectQuerySchema,
  workspaceProjectSchema,
  workspaceSchema,
} from "../../people/workspace-routes.ts";
import * as answers from "./answers.ts";
import { type Operation, operation, under } from "./operation.ts";

const manual =
  "Takes what was given by hand. What the identity provider grants stays and ends there; where it is all there is, the answer is 409.";

const workspaces = under("Workspaces", [
  operation("GET /api/workspaces/", "List the workspaces that the caller sees", {
    description: "All of them, or where `page` or `page_size` is sent, page by page.",
    query: workspaceListSchema,
    answer: answers.workspacesOrPageAnswer,
  }),
  operation("POST /api/workspaces/", "Make a workspace", {
    body: workspaceSchema,
    status: 201,
    answer: answers.workspaceAnswer,
  }),
  operation("GET /api/workspaces/{id}/", "Read a workspace", { answer: answers.workspaceAnswer }),
  operation("PATCH /api/workspaces/{id}/", "Change a workspace", {
    body: workspacePatchSchema,
    answer: answers.workspaceAnswer,
  }),
  operation("DELETE /api/workspaces/{id}/", "Delete a workspace", {
    description: "Only while it holds no projects; its members lose the membership.",
  }),
  operation("GET /api/workspaces/{id}/projects/", "List the projects of a workspace", {
    answer: answers.projectsAnswer,
  }),
  operation("POST /api/workspaces/{id}/projects/", "Put a project into a workspace", {
    body: workspaceProjectSchema,
    status: 201,
    answer: answers.projectAnswer,
  }),
  operation("DELETE /api/workspaces/{id}/projects/", "Take a project out of a workspace", {
    query: workspaceProjectQuerySchema,
  }),
  operation("GET /api/workspaces/{id}/memberships/", "List the members of a workspace", {
    answer: answers.workspaceMembersAnswer,
  }),
  operation("POST /api/workspaces/{id}/memberships/", "Add a member to a workspace", {
    body: workspaceMemberSchema,
    answer: answers.workspaceMemberAnswer,
  }),
  operation("DELETE /api/workspaces/{id}/memberships/", "Remove a member from a workspace", {
    description: manual,
    query: workspaceMemberRemovalSchema,
  }),
  operation(
    "GET /api/workspaces/{id}/memberships/paginated/",
    "List the members of a workspace page by page",
    {
      description: "`sources` says who gave each of them the workspace.",
      query: workspaceMemberPageSchema,
      answer: answers.workspaceMemberPageAnswer,
    },
  ),
  operation("POST /api/workspaces/{id}/memberships/bulk/", "Add many members to a workspace", {
    description: "`all` means everybody of the organization but those in `excluded`.",
    body: workspaceBulkSchema,
    answer: answers.assignmentsAnswer,
  }),
  operation(
    "DELETE /api/workspaces/{id}/memberships/bulk/",
    "Remove many members from a workspace",
    {
      description:
        "`all` means every member whom `search` and `ids` find, but those in `excluded`.",
      query: workspaceBulkRemovalSchema,
      answer: answers.unassignmentsAnswer,
    },
  ),
]);

const projects = under("Projects", [
  operation("GET /api/projects/", "List the projects that the caller sees, page by page", {
    query: projectListSchema,
    answer: answers.projectPageAnswer,
  }),
  operation("POST /api/projects/", "Make a project", {
    body: projectSchema,
    status: 201,
    answer: answers.projectAnswer,
  }),
  operation("GET /api/projects/{id}/", "Read a project", {
    query: projectQuerySchema,
    answer: answers.projectAnswer,
  }),
  operation("PATCH /api/projects/{id}/", "Change a project", {
    query: projectQuerySchema,
    body: projectPatchSchema,
    answer: answers.projectAnswer,
  }),
  operation("DELETE /api/projects/{id}/", "Delete a project", {}),
  operation("GET /api/projects/{id}/members/", "List who was added to a project", {
    answer: answers.projectMembersAnswer,
  }),
  operation("POST /api/projects/{id}/members/", "Add a member to a project", {
    body: projectMemberSchema,
    status: 201,
    answer: answers.projectMemberAnswer,
  }),
  operation("DELETE /api/projects/{id}/members/", "Remove a member from a project", {
    description: manual,
    query: projectMemberRemovalSchema,
  }),
  operation("GET /api/projects/{id}/members/export/", "Export the members of a project as CSV", {
    query: projectMemberExportSchema,
    answer: answers.textAnswer,
    answerTypes: ["text/csv"],
  }),
  operation(
    "GET /api/projects/{id}/members/paginated/",
    "List the members of a project page by page",
    {
      description:
        "`implicit_member` is true for those who belong to it by its workspace or their organization role alone; `project_role` is null where the organization role counts. `grants` is what each source gives.",
      query: projectMemberPageSchema,
      answer: answers.projectMemberPageAnswer,
    },
  ),
  operation(
    "POST /api/projects/{id}/members/bulk/",
    "Add many members to a project, some with a project role",
    {
      description:
        "`all` means everybody of the organization whom the query finds, but those in `excluded`.",
      query: projectBulkQuerySchema,
      body: projectBulkSchema,
      answer: answers.assignmentsAnswer,
    },
  ),
  operation("DELETE /api/projects/{id}/members/bulk/", "Remove many members from a project", {
    query: projectBulkRemovalSchema,
    answer: answers.unassignmentsAnswer,
  }),
  operation("GET /api/projects/{id}/roles", "List the project roles of a project", {
    answer: answers.projectRolesAnswer,
  }),
  operation("GET /api/projects/roles/", "List the caller's own project roles", {
    query: ownProjectRolesSchema,
    answer: answers.projectRolesAnswer,
  }),
  operation("POST /api/projects/roles/", "Give somebody a project role", {
    description: "For people whose organization role is Annotator or Reviewer.",
    body: projectRoleSchema,
    status: 201,
    answer: answers.projectRoleAnswer,
  }),
  operation("DELETE /api/projects/roles/{id}/", "Remove a project role", {
    description: "The person stays a member, with the organization role.",
  }),
]);

export const placeOperations: readonly Operation[] = [...workspaces, ...projects];
