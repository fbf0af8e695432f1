"""Drives Labelgate and the Label Studio behind it through the official label_studio_sdk with one base URL
and one token: what Labelgate answers and what Label Studio answers must speak of the same people and
projects. Prints a line for each subject that held.
"""

import os
import typing

from label_studio_sdk import LabelStudio
from label_studio_sdk.core.api_error import ApiError

URL = os.environ["LABELGATE_URL"]
CONFIG = """<View><Text name="text" value="$text"/>
<Choices name="mood" toName="text"><Choice value="Good"/><Choice value="Bad"/></Choices></View>"""


def step(name: str) -> None:
    print(f"ok {name}", flush=True)


def refused(status: int, call: typing.Callable[[], typing.Any]) -> None:
    try:
        answer = call()
    except ApiError as error:
        assert error.status_code == status, (error.status_code, error.body)
    else:
        raise AssertionError(f"{answer} instead of {status}")


def choice(value: str) -> typing.List[typing.Dict[str, typing.Any]]:
    return [{"from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": [value]}}]


manager = LabelStudio(base_url=URL, api_key=os.environ["MANAGER_TOKEN"])
annotator = LabelStudio(base_url=URL, api_key=os.environ["ANNOTATOR_TOKEN"])
owner = LabelStudio(base_url=URL, api_key=os.environ["OWNER_TOKEN"])

# One number a person: whoami, the members of the organization, the users of Label Studio.
me = manager.users.whoami()
her = annotator.users.whoami()
assert me.email == "manager@contoso.com" and her.email == "annotator@contoso.com"
organization = me.active_organization
members = {m.user.email: m.user.id for m in owner.organizations.members.list(organization)}
assert members[me.email] == me.id and members[her.email] == her.id, members
users = {user.email: user.id for user in owner.users.list()}
assert users[me.email] == me.id and users[her.email] == her.id, users
step("one number a person")

# A project is made through Labelgate, lives in Label Studio, and has one number in both.
project = manager.projects.create(title="Moods", label_config=CONFIG, color="#FF0000")
assert project.color == "#FF0000", project.color
assert project.created_by.id == me.id, project.created_by
assert manager.projects.get(project.id).title == "Moods"
assert [one.id for one in manager.projects.list()] == [project.id]
assert list(annotator.projects.list()) == []
refused(404, lambda: annotator.projects.get(project.id))
assert manager.projects.update(project.id, title="Moods 2").title == "Moods 2"
step("one number a project")

# Each operation goes to the one whose it is: tokens and invites are Labelgate's, hotkeys Label Studio's.
assert manager.versions.get().edition == "Community"
assert isinstance(annotator.users.get_hotkeys().custom_hotkeys, dict)
assert owner.jwt_settings.get().api_token_ttl_days == 365
refused(403, annotator.jwt_settings.get)
assert owner.session_policy.get().max_session_age == 20_160
refused(404, owner.billing.info)
refused(404, lambda: owner.projects.pauses.list(project.id, her.id))
tag = owner.organizations.member_tags.create(organization, label="Night shift")
assign = {"all_": False, "included": [her.id], "exclude_project_id": float(project.id)}
tags = {"bulk_organization_member_tag_assignment_request_tags": [tag.id]}
assert owner.organizations.member_tags.assign(organization, **assign, **tags).assigned == 1
items = [{"filter": "tags", "operator": "in", "value": [tag.id]}]
tagged = owner.organizations.members.search(organization, filters={"items": items})
assert [one["user"]["id"] for one in tagged.results] == [her.id], tagged
refused(403, lambda: annotator.organizations.member_tags.list(organization))
assert manager.organizations.member_tags.list(organization).count == 1
owner.organizations.member_tags.bulk.delete(organization, ids=str(tag.id))
(option,) = owner.organizations.permissions.get_options(organization)
assert option.permission == "users.token.any"
owner.organizations.invites.send_email(emails=["cyd@contoso.com"], role="AN", projects=[project.id])
owner.organizations.invites.revoke_invite(email="cyd@contoso.com")
step("identity")

# A workspace of Labelgate's with this project, and its members.
workspace = manager.workspaces.create(title="Lab")
owner.workspaces.projects.add(workspace.id, project=project.id)
assert [p.id for p in owner.workspaces.projects.list(workspace.id)] == [project.id]
assert [p.id for p in owner.projects.list(workspaces=workspace.id)] == [project.id]
owner.workspaces.members.create(workspace.id, user=her.id)
assert [one.id for one in annotator.projects.list()] == [project.id]
owner.workspaces.members.delete(workspace.id, user_id=her.id)
refused(404, lambda: annotator.projects.get(project.id))
step("workspaces")

owner.projects.members.add(project.id, user=her.id)
paged = {m.id: m for m in owner.projects.members.paginated.list(project.id)}
assert her.id in paged and me.id in paged, paged
assert annotator.projects.get(project.id).id == project.id
step("project members")

imported = manager.projects.import_tasks(
    project.id, request=[{"text": "fine"}, {"text": "poor"}], return_task_ids=True
)
assert imported.task_count == 2, imported
tasks = list(manager.tasks.list(project=project.id))
assert sorted(task.id for task in tasks) == sorted(imported.task_ids)
first, second = sorted(imported.task_ids)
assert [task.id for task in annotator.tasks.list(project=project.id)] == [first, second]
assert manager.tasks.get(str(first)).data == {"text": "fine"}
refused(403, lambda: annotator.tasks.create(project=project.id, data={"text": "mine"}))
step("tasks")

# Nobody can write in another's name.
made = annotator.annotations.create(first, result=choice("Good"), completed_by=me.id, lead_time=1.5)
assert made.completed_by == her.id, made.completed_by
changed = manager.annotations.update(made.id, result=choice("Bad"), completed_by=me.id)
assert changed.completed_by == her.id, changed.completed_by
assert changed.result[0]["value"]["choices"] == ["Bad"]
own = manager.annotations.create(first, result=choice("Good"))
assert own.completed_by == me.id
assert {a.id for a in manager.annotations.list(first)} == {made.id, own.id}
assert {a.id for a in annotator.annotations.list(first)} == {made.id}, "others' work is hidden"
refused(404, lambda: annotator.annotations.get(own.id))
refused(404, lambda: annotator.annotations.delete(own.id))
assert annotator.annotations.update(made.id, result=choice("Good")).updated_by == her.id
step("annotations")

prediction = manager.predictions.create(task=second, result=choice("Good"), model_version="v1")
assert [p.id for p in manager.predictions.list(task=second)] == [prediction.id]
assert manager.predictions.get(prediction.id).model_version == "v1"
refused(403, lambda: annotator.predictions.delete(prediction.id))
manager.predictions.delete(prediction.id)
step("predictions")

view = manager.views.create(project=project.id, data={"title": "Mine"})
assert manager.views.get(str(view.id)).id == view.id
assert view.id in {one.id for one in manager.views.list(project=project.id)}
assert manager.views.update(str(view.id), data={"title": "Mine 2"}).data["title"] == "Mine 2"
assert [task.id for task in manager.tasks.list(view=view.id)] == [first, second]
manager.views.delete(str(view.id))
step("views")

# Exports in three ways: at once, by a snapshot, and by the SDK's own helper.
at_once = b"".join(manager.projects.exports.download_sync(project.id, export_type="JSON"))
assert b'"fine"' in at_once
snapshot = manager.projects.exports.create(project.id, title="Snapshot")
listed = manager.projects.exports.list(project.id)
assert snapshot.id in {one.id for one in listed}
stored = b"".join(
    manager.projects.exports.download(project.id, str(snapshot.id), export_type="JSON")
)
assert b'"fine"' in stored
exported = manager.projects.exports.as_json(project.id)
authors = {a["completed_by"] if isinstance(a["completed_by"], int) else a["completed_by"]["id"] for t in exported for a in t["annotations"]}
assert authors == {me.id, her.id}, authors
refused(403, lambda: b"".join(annotator.projects.exports.download_sync(project.id)))
step("exports")

manager.projects.delete(project.id)
refused(404, lambda: manager.projects.get(project.id))
assert list(owner.projects.list()) == []
assert owner.workspaces.get(workspace.id).projects_count == 0
step("removal")
