"""Drives a running Labelgate through the official label_studio_sdk, as an administrator's script would.

Every call returns the SDK's own types. Those types take whatever they are sent without looking, so
each result is also held against its type's fields by pydantic. No error is caught but those that are
asked for, and each of these must have the status that the original gives.
"""

import datetime as dt
import json
import os
import typing

from label_studio_sdk import LabelStudio
from label_studio_sdk.core.api_error import ApiError
from label_studio_sdk.types import ActivityLogResponse, ProjectGroupRequest
from label_studio_sdk.types.project_member_bulk_assign_roles_request import (
    ProjectMemberBulkAssignRolesRequest,
)
from pydantic import TypeAdapter

URL = os.environ["LABELGATE_URL"]
METADATA_URL = os.environ["METADATA_URL"]


def fits(result: typing.Any) -> typing.Any:
    """The result, once its values are what its type says they are."""
    for one in result if isinstance(result, list) else [result]:
        kind = type(one)
        assert kind.__module__.startswith("label_studio_sdk."), kind
        TypeAdapter(kind).validate_python(one.model_dump(by_alias=True))
    return result


def refused(status: int, call: typing.Callable[[], typing.Any], sentence: str = "") -> None:
    try:
        answer = call()
    except ApiError as error:
        assert error.status_code == status, (error.status_code, error.body)
        assert sentence in str(error.body), error.body
    else:
        raise AssertionError(f"{answer} instead of {status}")


def step(name: str) -> None:
    print(f"ok {name}", flush=True)


client = LabelStudio(base_url=URL, api_key=os.environ["LABELGATE_TOKEN"])

me = fits(client.users.whoami())
assert me.email == "owner@contoso.com" and me.organization_membership.role == "OW", me
organization = me.active_organization
step("whoami")

# Users
ada = fits(client.users.create(username="ada@contoso.com", email="ada@contoso.com", first_name="Ada"))
assert ada.first_name == "Ada" and ada.username == "ada@contoso.com"
# A user name of another kind is taken; people are known by their address.
bob = fits(client.users.create(username="bob.the.builder", email="bob@contoso.com"))
assert bob.username == "bob@contoso.com"
refused(400, lambda: client.users.create(username="eve@contoso.com", email="dan@contoso.com"))
assert fits(client.users.get(ada.id)).email == "ada@contoso.com"
assert fits(client.users.update(ada.id, last_name="Lovelace")).last_name == "Lovelace"
assert {user.email for user in fits(client.users.list())} == {
    "owner@contoso.com",
    "ada@contoso.com",
    "bob@contoso.com",
}
assert fits(client.users.update_current_user(first_name="Olive")).first_name == "Olive"
refused(404, lambda: client.users.get(999_999))
step("users")

# Organizations
(listed,) = fits(client.organizations.list())
assert listed.id == organization
assert fits(client.organizations.get(organization)).id == organization
assert fits(client.organizations.update(organization, title="Contoso Research")).title == "Contoso Research"
changed = fits(client.organizations.update_default_role(organization, default_role="RE"))
assert changed.default_role == "RE"
refused(404, lambda: client.organizations.get(999_999))
step("organizations")

# Members
members = [fits(member) for member in client.organizations.members.list(organization, page_size=2)]
assert [member.user.email for member in members] == [
    "owner@contoso.com",
    "ada@contoso.com",
    "bob@contoso.com",
], members
assert members[0].role == "OW"
changed = fits(client.organizations.members.update(organization, user_id=ada.id, role="AN"))
assert changed.role == "AN" and changed.role_source == "api"
fits(client.organizations.members.update(organization, user_id=bob.id, role="RE"))
found = list(client.organizations.members.list(organization, search="ada", role=["AN", "RE"]))
assert [member.user.id for member in found] == [ada.id]
assert fits(client.organizations.members.get(organization, ada.id)).user == ada.id
assert len(list(client.organizations.members.list(organization, user_type="standard", is_deleted=False))) == 3
assert list(client.organizations.members.list(organization, user_type=["flex", "viewonly"])) == []
never = dt.datetime(2001, 1, 1, tzinfo=dt.timezone.utc)
assert list(client.organizations.members.list(organization, user_last_activity_lte=never)) == []
schema = fits(client.organizations.members.get_filter_schema(organization))
assert schema.version == 1 and "role" in {one["filter"] for one in schema.filters}, schema
annotators = {"version": 1, "items": [{"filter": "role", "operator": "in", "value": ["AN"]}]}
filtered = fits(
    client.organizations.members.list_filtered(
        organization,
        filters=json.dumps(annotators),
        search="ada",
        ordering="-email",
        page=1,
        page_size=5,
        is_deleted=False,
        user_type="standard",
        exclude_workspace_id=1.0,
    )
)
assert [member.user.email for member in filtered.results] == ["ada@contoso.com"], filtered
# The SDK types this answer as one member. It is a page, as that of the same address by GET is.
posted = client.organizations.members.search(organization, filters=annotators)
assert (posted.count, posted.results[0]["user"]["email"]) == (1, "ada@contoso.com"), posted
refused(400, lambda: client.organizations.members.search(organization, filters={"role": ["AN"]}), "filter-schema")
skills = client.organizations.api_organizations_memberships_filter_options_skills_list(organization, search="a")
assert skills == []
refused(403, lambda: client.organizations.members.update(organization, user_id=ada.id, role="OW"))
refused(405, lambda: client.organizations.members.delete(organization, me.id))
step("organization members")

# Invitations
office = fits(client.workspaces.create(title="Office"))
desk = fits(client.projects.create(title="Desk", color="#00FF00"))
assert desk.color == "#00FF00"
client.organizations.invites.send_email(
    emails=["cyd@contoso.com"],
    role="AN",
    user_type="standard",
    workspaces=[office.id],
    projects=[desk.id],
)
client.organizations.invites.revoke_invite(email="cyd@contoso.com")
refused(
    400,
    lambda: client.organizations.invites.send_email(emails=["cyd@contoso.com"], role="AN", projects=[999_999]),
)
client.projects.delete(desk.id)
client.workspaces.delete(office.id)
step("invitations")

# Workspaces
radiology = fits(client.workspaces.create(title="Radiology", description="Scans", color="#FF0000"))
assert radiology.title == "Radiology" and radiology.projects_count == 0
assert fits(client.workspaces.get(radiology.id)).description == "Scans"
assert fits(client.workspaces.update(radiology.id, title="Radiology 2")).title == "Radiology 2"
assert [one.id for one in fits(client.workspaces.list(is_archived=False))] == [radiology.id]
(with_maker,) = client.workspaces.list(include_all_workspaces=True)
assert with_maker.created_by_user["email"] == "owner@contoso.com"
refused(400, lambda: client.workspaces.create(title="Radiology 2"), "with this title already")
refused(404, lambda: client.workspaces.get(999_999))
step("workspaces")

# Members of workspaces
added = fits(client.workspaces.members.create(radiology.id, user=ada.id))
assert (added.user, added.workspace) == (ada.id, radiology.id)
(only,) = fits(client.workspaces.members.list(radiology.id))
assert only.user.email == "ada@contoso.com"
done = fits(client.workspaces.members.bulk.post(radiology.id, all_=False, included=[ada.id, bob.id]))
assert done.assignments == 1, done
paged = [fits(user) for user in client.workspaces.members.paginated.list(radiology.id, page_size=1)]
assert [user.id for user in paged] == [ada.id, bob.id], paged
found = list(client.workspaces.members.paginated.list(radiology.id, search="bob"))
assert [user.id for user in found] == [bob.id]
client.workspaces.members.delete(radiology.id, user_id=ada.id)
refused(404, lambda: client.workspaces.members.delete(radiology.id, user_id=ada.id))
done = fits(client.workspaces.members.bulk.delete(radiology.id, all_=True))
assert done.unassignments == 1, done
fits(client.workspaces.members.create(radiology.id, user=ada.id))
step("workspace members")

# Projects
scans = fits(client.projects.create(title="Scans", description="Chest", workspace=radiology.id))
assert scans.workspace == radiology.id and scans.created_by.email == "owner@contoso.com"
letters = fits(client.projects.create(title="Letters"))
assert fits(client.projects.get(scans.id)).title == "Scans"
assert fits(client.projects.update(scans.id, title="Scans 2")).title == "Scans 2"
assert [fits(one).id for one in client.projects.list(page_size=1)] == [letters.id, scans.id]
assert [one.id for one in client.projects.list(title="scans")] == [scans.id]
assert [one.id for one in client.projects.list(workspaces=radiology.id)] == [scans.id]
assert [one.id for one in client.projects.list(ids=f"{letters.id}")] == [letters.id]
options = client.organizations.api_organizations_memberships_filter_options_membership_list(organization)
places = [(one.kind, one.label, [own.id for own in one.projects or []]) for one in fits(options)]
assert places == [("workspace", "Radiology 2", [scans.id]), ("project", "Letters", [])], places
refused(404, lambda: client.projects.get(999_999))
refused(409, lambda: client.workspaces.delete(radiology.id), "holds 1 project")
client.workspaces.projects.add(radiology.id, project=letters.id)
assert {one.id for one in fits(client.workspaces.projects.list(radiology.id))} == {scans.id, letters.id}
client.workspaces.projects.remove(radiology.id, project=letters.id)
assert fits(client.projects.get(letters.id)).workspace is None
step("projects")

# Members of projects
assert fits(client.projects.members.add(scans.id, user=bob.id)).user == bob.id
by_id = {fits(one).id: one for one in client.projects.members.paginated.list(scans.id, page_size=1)}
assert by_id[bob.id].implicit_member is False and by_id[bob.id].project_role is None
assert by_id[ada.id].implicit_member is True, "by the workspace"
assert by_id[me.id].implicit_member is True, "by the organization role"
written = b"".join(client.projects.members.export_csv(scans.id, search="bob")).decode()
assert written.splitlines()[1].startswith(f"{bob.id},bob@contoso.com,"), written
narrow = {"implicit": False, "user_type": "standard", "role": "AN,RE", "with_deleted": False, "ids": f"{bob.id}"}
(found,) = client.projects.members.paginated.list(
    scans.id, ordering="-last_activity", no_annotators=False, no_view_only=True, page=1, page_size=9, **narrow
)
assert fits(found).id == bob.id
narrow["last_activity_gte"] = "2001-01-01T00:00:00Z"
assert b"bob@" not in b"".join(client.projects.members.export_csv(scans.id, **narrow)), "never seen"
done = fits(client.projects.members.bulk.post(scans.id, all_=True, user_type="flex,viewonly", tags="999999"))
assert done.assignments == 0, done
client.projects.members.remove(scans.id, user=bob.id)
done = fits(
    client.projects.members.bulk.post(
        scans.id,
        all_=False,
        included=[ada.id, bob.id],
        roles=[ProjectMemberBulkAssignRolesRequest(user_id=bob.id, role="AN")],
    )
)
assert (done.assignments, done.skipped_user_ids) == (2, []), done
(annotator,) = client.projects.members.paginated.list(scans.id, role="AN", search="bob")
assert (annotator.project_role, annotator.project_role_source) == ("AN", "api")
done = fits(client.projects.members.bulk.delete(scans.id, all_=True, excluded=f"{bob.id}"))
assert done.unassignments == 1, done
step("project members")

# Project roles
(role,) = fits(client.projects.roles.get(scans.id))
assert (role.user, role.role, role.role_source) == (bob.id, "AN", "api")
client.projects.roles.remove(role.id)
assert client.projects.roles.get(scans.id) == []
given = fits(client.projects.roles.add(project=scans.id, user=ada.id, role="RE"))
assert (given.project, given.user, given.role) == (scans.id, ada.id, "RE")
assert client.projects.roles.list(ids=[scans.id]) == [], "the Owner has none of their own"
refused(400, lambda: client.projects.roles.add(project=scans.id, user=ada.id, role="OW"))
refused(404, lambda: client.projects.roles.remove(999_999))
step("project roles")

# Tags of members
tags = client.organizations.member_tags
night = fits(tags.create(organization, label="Night shift"))
assert (night.label, night.member_count, night.organization) == ("Night shift", 0, organization)
assert night.created_by.email == "owner@contoso.com" and night.created_at.tzinfo
refused(400, lambda: tags.create(organization, label="NIGHT SHIFT"), "with this label already")
assert fits(tags.bulk.post(organization, labels=["Berlin", "berlin", "Night shift"])).created == 1
listed = fits(tags.list(organization, ordering="-label", page=1, page_size=1, search="N"))
assert (listed.count, [tag.id for tag in listed.results]) == (2, [night.id]), listed
assert fits(tags.update(organization, night.id, label="Nights")).label == "Nights"
given = fits(
    tags.assign(
        organization,
        all_=False,
        included=[ada.id, bob.id],
        excluded=[bob.id],
        overwrite=True,
        bulk_organization_member_tag_assignment_request_tags=[night.id],
        role="AN,RE",
        user_type="standard",
        is_deleted=False,
        exclude_project_id=float(letters.id),
        user_last_activity_gte="2001-01-01T00:00:00Z",
    )
)
# Nobody has signed in yet, whose last activity would be after that.
assert given.assigned == 0, given
given = fits(
    tags.assign(
        organization,
        all_=True,
        excluded=[me.id, bob.id],
        bulk_organization_member_tag_assignment_request_tags=[night.id],
    )
)
assert given.assigned == 1, given
(tagged,) = client.organizations.members.list(organization, tags=[night.id])
assert [(tag.id, tag.label) for tag in fits(tagged).tags] == [(night.id, "Nights")]
(member,) = client.projects.members.paginated.list(scans.id, tags=str(night.id))
assert fits(member).id == ada.id and member.tags[0].label == "Nights"
table = "email,tags\nada@contoso.com,\"Berlin, Late\"\nzoe@contoso.com,Late\n"
started = fits(tags.import_(organization, bulk_tags="Imported", file=("tags.csv", table.encode(), "text/csv")))
done = fits(tags.get_import(organization, started.import_))
assert (done.status, done.tags_created, done.assignments_created) == ("completed", 2, 3), done
assert done.users_skipped == ["zoe@contoso.com"] and done.finished_at
refused(400, lambda: tags.import_(organization, bulk_tags="", file=b"name\nada\n"), "email,tags")
assert fits(tags.get(organization, night.id)).member_count == 1
tags.delete(organization, night.id)
refused(404, lambda: tags.get(organization, night.id))
left = [tag.id for tag in tags.list(organization).results]
assert fits(tags.bulk.delete(organization, ids=",".join(map(str, left)))).deleted == 3
assert fits(tags.list(organization)).count == 0
step("member tags")

# Single sign-on
before = fits(client.sso.saml.get())
assert before.acs_url.startswith(f"{URL}/saml/") and before.login_url and before.logout_url
assert before.nameid_format.endswith("transient")
fits(
    client.sso.saml.update(
        domain="contoso.com",
        idp_provider="okta",
        metadata_url=METADATA_URL,
        roles_groups=[["Manager", "LS-Managers"]],
        workspaces_groups=[["Radiology 2", "LS-Radiology"]],
        projects_groups=[ProjectGroupRequest(project_id=scans.id, group="LS-Scans", role="Inherit")],
    )
)
after = fits(client.sso.saml.get())
assert after.token == before.token and after.domain == "contoso.com"
assert (after.mapping_email, after.mapping_groups) == ("email", "groups"), "the preset fills them in"
assert after.roles_groups == [["Manager", "LS-Managers"]]
assert after.projects_groups[0].project_id == scans.id
assert fits(client.sso.saml.validate_metadata_url(metadata_url=METADATA_URL)).valid is True
assert fits(client.sso.saml.validate_metadata_url(metadata_url=f"{URL}/health")).valid is False
refused(400, lambda: client.sso.saml.update(roles_groups=[["Owner", "x"]]), "Owner is never given")
kept = fits(client.sso.saml.update(user_type_groups=[["standard", "LS-Staff"]]))
assert kept.user_type_groups == [["standard", "LS-Staff"]]
# The record of another server, as a whole: read-only fields stay, a project that is not here is left out.
record = fits(client.sso.saml.get()).model_dump(mode="json")
record |= {"acs_url": "https://app.heartex.example/saml/f00/acs", "token": "f00", "user_type_capacities": {}}
record["projects_groups"].append({"project_id": 999_999, "group": "g", "role": "Inherit"})
for computed in ("version", "warnings", "metadata"):
    record.pop(computed)
answer = client.sso.saml._raw_client._client_wrapper.httpx_client.request(
    "api/saml/settings", method="POST", json=record
)
assert answer.status_code == 200, answer.text
imported = answer.json()
assert imported["token"] == before.token and len(imported["projects_groups"]) == 1
assert any("999999" in warning["message"] for warning in imported["warnings"]), imported["warnings"]
client.sso.saml.reset()
reset = fits(client.sso.saml.get())
assert reset.token == before.token and not reset.roles_groups
step("sso.saml")

fits(client.sso.scim.update(roles_groups=[["Reviewer", "g"]], workspaces_groups=[["Radiology 2", "w"]]))
mappings = fits(client.sso.scim.get())
assert mappings.roles_groups == [["Reviewer", "g"]]
assert mappings.workspaces_groups == [["Radiology 2", "w"]]
refused(400, lambda: client.sso.scim.update(workspaces_groups=[["Nowhere", "w"]]), "Nowhere")
step("sso.scim")

# Rules for tokens and sessions
rules = fits(client.jwt_settings.get())
assert (rules.api_tokens_enabled, rules.legacy_api_tokens_enabled) == (True, True), rules
assert fits(client.jwt_settings.update(api_token_ttl_days=90)).api_token_ttl_days == 90
assert fits(client.session_policy.get()).max_session_age == 20_160
assert fits(client.session_policy.update(max_time_between_activity=600)).max_time_between_activity == 600
refused(400, lambda: client.session_policy.update(max_session_age=20_161), "20160")
step("rules")

# Permissions
permissions = client.organizations.permissions
(option,) = fits(permissions.get_options(organization, ordering="permission"))
assert option.permission == "users.token.any" and option.default == ["AD", "MA", "RE", "AN"], option
assert permissions.list(organization, ordering="-id") == []
made = fits(permissions.create(organization, permission=option.permission, roles=["AD"]))
assert (made.roles, made.label, made.organization) == (["AD"], option.label, organization), made
assert fits(permissions.get(organization, option.permission)).id == made.id
changed = fits(permissions.update(organization, option.permission, roles=["AD", "MA"]))
assert changed.roles == ["AD", "MA"], changed
kept = fits(permissions.replace(organization, option.permission, permission=option.permission, roles=[]))
assert kept.roles == [], kept
assert [one.permission for one in fits(permissions.list(organization))] == [option.permission]
permissions.delete(organization, option.permission)
refused(404, lambda: permissions.get(organization, option.permission))
refused(400, lambda: permissions.create(organization, permission="tasks.delete", roles=["AD"]), "permissions/options")
step("permissions")

# What nobody answers is NotFoundError, and never something that looks like a mistake of the caller's
for missing in (
    client.billing.info,
    client.users.get_hotkeys,
    client.versions.get,
    client.model_providers.list,
    lambda: client.projects.pauses.list(scans.id, ada.id),
):
    refused(404, missing)
step("what nobody answers")

# Tokens
assert fits(client.users.get_token()).token == os.environ["LABELGATE_TOKEN"]
made = fits(client.tokens.create())
refused(409, lambda: client.tokens.create())
assert len(fits(client.tokens.list())) == 1
# The SDK buys access tokens for the personal access token by itself.
by_pat = LabelStudio(base_url=URL, api_key=made.token)
assert fits(by_pat.users.whoami()).id == me.id
assert fits(client.tokens.refresh(refresh=made.token)).access
rotated = fits(client.tokens.rotate(refresh=made.token))
refused(401, lambda: client.tokens.refresh(refresh=made.token))
assert fits(LabelStudio(base_url=URL, api_key=rotated.refresh).projects.list().response).count == 2
client.tokens.blacklist(refresh=rotated.refresh)
refused(401, lambda: client.tokens.refresh(refresh=rotated.refresh))
legacy = fits(client.users.reset_token())
refused(401, lambda: client.users.whoami())
client = LabelStudio(base_url=URL, api_key=legacy.token)
assert fits(client.users.whoami()).id == me.id
step("tokens")

# Activity log. The SDK calls its answer a list; the original answers one object, which the SDK hands
# on as it came, so that its own type for the object is asked here.
def activity(**filters: typing.Any) -> ActivityLogResponse:
    return fits(TypeAdapter(ActivityLogResponse).validate_python(client.activity_logs.list(**filters)))


log = activity(page_size=500, method="all", ordering="-datetime", start_date="2001-01-01", user=me.id)
assert log.records_total >= log.records_filtered >= len(log.data) > 0
assert {"POST", "PATCH", "DELETE"} <= {entry.request_method for entry in log.data}
posts = activity(method="POST", search="workspaces", page_size=5)
assert posts.data and all("workspaces" in entry.request_url for entry in posts.data)
assert all(entry.email == "owner@contoso.com" for entry in posts.data)
step("activity logs")

# What was made goes again
client.projects.delete(scans.id)
client.projects.delete(letters.id)
client.workspaces.delete(radiology.id)
client.users.delete(bob.id)
client.organizations.members.delete(organization, ada.id)
assert [member.user.id for member in client.organizations.members.list(organization)] == [me.id]
refused(401, lambda: LabelStudio(base_url=URL, api_key="0" * 40).users.whoami())
step("removal")
