"""Provisions by the scim2-client of the scim2 project, which checks every answer against the RFCs.

scim2_client.py URL TOKEN; prints a line for each step, and ends with an exception where one fails.
"""

import sys

# The folder of this file has its name; the library is meant.
sys.path.pop(0)

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import BulkOperation, BulkRequest, Error, PatchOp, PatchOperation, SearchRequest


def done(step):
    print("done:", step)


def provision(scim):
    scim.discover()
    User = scim.get_resource_model("User")
    Group = scim.get_resource_model("Group")
    Enterprise = User.get_extension_model("EnterpriseUser")
    done("discovery")

    def person(name):
        user = User(
            user_name=f"{name}@scim2.com",
            name=User.Name(given_name="Scim", family_name="Two") if hasattr(User, "Name") else None,
            title="Nurse",
            active=True,
        )
        user[Enterprise] = Enterprise(department="Care")
        return user

    ada = scim.create(person("ada"))
    bob = scim.create(person("bob"))
    assert ada[Enterprise].department == "Care"
    twice = scim.create(person("ADA"), raise_scim_errors=False)
    assert isinstance(twice, Error) and twice.status == 409 and twice.scim_type == "uniqueness", twice
    done("users created")

    found = scim.query(User, SearchRequest(filter='userName eq "ada@scim2.com"'))
    assert [one.id for one in found.resources] == [ada.id]
    request = SearchRequest(filter='userName ew "@scim2.com"', sort_by="userName", sort_order="descending", count=1)
    posted = scim.search(User, request)
    assert posted.total_results == 2 and posted.resources[0].id == bob.id, posted
    done("users found")

    def patch(model, id, *operations):
        return scim.modify(model, id, PatchOp[model](operations=list(operations)))

    changed = patch(
        User,
        ada.id,
        PatchOperation(op="replace", path="displayName", value="Ada L."),
        PatchOperation(op="remove", path="title"),
    )
    assert changed is None or (changed.display_name == "Ada L." and changed.title is None)
    changed = scim.query(User, ada.id)
    changed.nick_name = "A"
    assert scim.replace(changed).nick_name == "A"
    done("users changed")

    group = scim.create(Group(display_name="Scim2 Managers", members=[{"value": ada.id, "type": "User"}]))
    patch(Group, group.id, PatchOperation(op="add", path="members", value=[{"value": bob.id, "type": "User"}]))
    patch(Group, group.id, PatchOperation(op="remove", path=f'members[value eq "{ada.id}"]'))
    assert [one.value for one in scim.query(Group, group.id).members] == [bob.id]
    done("group pushed")

    pages = [
        scim.query(User, SearchRequest(filter='userName ew "@scim2.com"', sort_by="userName", start_index=at, count=1))
        for at in (1, 2, 3)
    ]
    assert [page.total_results for page in pages] == [2, 2, 2], pages
    assert [[one.id for one in page.resources or []] for page in pages] == [[ada.id], [bob.id], []]
    named = SearchRequest(
        filter=f'displayName eq "scim2 managers" and members.value eq "{bob.id}"', excluded_attributes=["members"]
    )
    [known] = scim.query(Group, named).resources
    assert known.id == group.id and known.members is None, known
    everything = scim.query(None, SearchRequest(count=200))
    assert {ada.id, bob.id, group.id} <= {one.id for one in everything.resources}
    done("pages read")

    bulk = scim.bulk(
        BulkRequest[User | Group](
            operations=[
                BulkOperation[Group](
                    method="POST",
                    path="/Groups",
                    bulk_id="group",
                    data=Group(display_name="Scim2 Bulk", members=[{"value": "bulkId:user", "type": "User"}]),
                ),
                BulkOperation[User](method="POST", path="/Users", bulk_id="user", data=person("bulk")),
            ]
        )
    )
    assert [int(one.status) for one in bulk.operations] == [201, 201], bulk
    done("bulk sent")

    patch(User, ada.id, PatchOperation(op="replace", path="active", value=False))
    assert scim.query(User, ada.id).active is False
    scim.delete(User, ada.id)
    missing = scim.query(User, ada.id, raise_scim_errors=False)
    assert isinstance(missing, Error) and missing.status == 404, missing
    done("user gone")


url, token = sys.argv[1:]
with Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=20) as client:
    provision(SyncSCIMClient(client))
