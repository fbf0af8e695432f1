// Provisions by Captain-P-Goldfish's scim-sdk-client, which Keycloak's SCIM plugins are built on.
// Goldfish.java URL TOKEN; prints a line for each step, and ends with an exception where one fails.

import de.captaingoldfish.scim.sdk.client.ScimClientConfig;
import de.captaingoldfish.scim.sdk.client.ScimRequestBuilder;
import de.captaingoldfish.scim.sdk.client.builder.BulkBuilder;
import de.captaingoldfish.scim.sdk.client.builder.ListBuilder;
import de.captaingoldfish.scim.sdk.client.response.ServerResponse;
import de.captaingoldfish.scim.sdk.common.constants.EndpointPaths;
import de.captaingoldfish.scim.sdk.common.constants.enums.Comparator;
import de.captaingoldfish.scim.sdk.common.constants.enums.HttpMethod;
import de.captaingoldfish.scim.sdk.common.constants.enums.PatchOp;
import de.captaingoldfish.scim.sdk.common.constants.enums.SortOrder;
import de.captaingoldfish.scim.sdk.common.resources.EnterpriseUser;
import de.captaingoldfish.scim.sdk.common.resources.Group;
import de.captaingoldfish.scim.sdk.common.resources.ServiceProvider;
import de.captaingoldfish.scim.sdk.common.resources.User;
import de.captaingoldfish.scim.sdk.common.resources.base.ScimObjectNode;
import de.captaingoldfish.scim.sdk.common.resources.complex.Name;
import de.captaingoldfish.scim.sdk.common.resources.multicomplex.Email;
import de.captaingoldfish.scim.sdk.common.resources.multicomplex.Member;
import de.captaingoldfish.scim.sdk.common.response.BulkResponse;
import de.captaingoldfish.scim.sdk.common.response.ListResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class Goldfish {
  public static void main(String[] args) throws Exception {
    ScimClientConfig config =
        ScimClientConfig.builder()
            .connectTimeout(5)
            .socketTimeout(20)
            .requestTimeout(20)
            .httpHeaders(Map.of("Authorization", "Bearer " + args[1]))
            .build();
    try (ScimRequestBuilder scim = new ScimRequestBuilder(args[0], config)) {
      provision(scim);
    }
  }

  static void provision(ScimRequestBuilder scim) {
    ServiceProvider provider = scim.loadServiceProviderConfiguration();
    check(provider.getBulkConfig().isSupported(), "bulk is announced");
    check(provider.getPatchConfig().isSupported(), "PATCH is announced");
    done("meta configuration " + scim.loadMetaConfiguration().sendRequest().getHttpStatus());

    User ada = scim.create(User.class, EndpointPaths.USERS).setResource(person("ada")).sendRequest().getResource();
    User bob = scim.create(User.class, EndpointPaths.USERS).setResource(person("bob")).sendRequest().getResource();
    String adaId = ada.getId().get();
    String bobId = bob.getId().get();
    check(ada.getEnterpriseUser().get().getDepartment().get().equals("Care"), "the extension comes back");
    ServerResponse<User> twice =
        scim.create(User.class, EndpointPaths.USERS).setResource(person("ADA")).sendRequest();
    check(twice.getHttpStatus() == 409, "a second one is 409");
    check(twice.getErrorResponse().getScimType().get().equals("uniqueness"), "for its uniqueness");
    done("users created");

    ServerResponse<ListResponse<User>> found =
        scim.list(User.class, EndpointPaths.USERS)
            .filter("userName", Comparator.EQ, "ada@goldfish.com")
            .build()
            .get()
            .sendRequest();
    check(found.getResource().getListedResources().get(0).getId().get().equals(adaId), "found by name");
    ServerResponse<ListResponse<User>> posted =
        scim.list(User.class, EndpointPaths.USERS)
            .filter("emails.value", Comparator.EW, "@goldfish.com")
            .build()
            .sortBy("userName")
            .sortOrder(SortOrder.DESCENDING)
            .count(1)
            .post()
            .sendRequest();
    check(posted.getResource().getTotalResults() == 2, "both by .search");
    check(posted.getResource().getListedResources().get(0).getId().get().equals(bobId), "the last first");
    done("users found");

    User renamed =
        scim.patch(User.class, EndpointPaths.USERS, adaId)
            .addOperation().op(PatchOp.REPLACE).path("name.familyName").value("Lovelace")
            .next().op(PatchOp.ADD).path("nickName").value("A")
            .next().op(PatchOp.REMOVE).path("title")
            .build().sendRequest().getResource();
    check(renamed.getName().get().getFamilyName().get().equals("Lovelace"), "renamed by PATCH");
    check(renamed.getTitle().isEmpty(), "title removed by PATCH");
    renamed.setDisplayName("Ada L.");
    String etag = renamed.getMeta().get().getVersion().get().getEntityTag();
    ServerResponse<User> put =
        scim.update(User.class, EndpointPaths.USERS, adaId)
            .setETagForIfMatch(etag)
            .setResource(renamed)
            .sendRequest();
    check(put.isSuccess() && put.getResource().getDisplayName().get().equals("Ada L."), "replaced by PUT");
    ServerResponse<User> stale =
        scim.update(User.class, EndpointPaths.USERS, adaId)
            .setETagForIfMatch(etag)
            .setResource(renamed)
            .sendRequest();
    check(stale.getHttpStatus() == 412, "a stale ETag is 412");
    ServerResponse<User> known =
        scim.get(User.class, EndpointPaths.USERS, adaId)
            .setETagForIfNoneMatch(put.getResource().getMeta().get().getVersion().get().getEntityTag())
            .sendRequest();
    check(known.getHttpStatus() == 304, "a known ETag is 304");
    done("users changed");

    Group group =
        scim.create(Group.class, EndpointPaths.GROUPS)
            .setResource(Group.builder().displayName("Goldfish Managers").members(List.of(member(adaId))).build())
            .sendRequest()
            .getResource();
    String groupId = group.getId().get();
    ServerResponse<Group> added =
        scim.patch(Group.class, EndpointPaths.GROUPS, groupId)
            .addOperation().op(PatchOp.ADD).path("members").valueNode(member(bobId))
            .build().sendRequest();
    check(added.isSuccess() && added.isValidScimResponse(), "member added, " + added.getHttpStatus());
    ServerResponse<Group> removed =
        scim.patch(Group.class, EndpointPaths.GROUPS, groupId)
            .addOperation().op(PatchOp.REMOVE).path("members[value eq \"" + adaId + "\"]")
            .build().sendRequest();
    check(removed.isSuccess() && removed.isValidScimResponse(), "member removed, " + removed.getHttpStatus());
    List<Member> left = scim.get(Group.class, EndpointPaths.GROUPS, groupId).sendRequest().getResource().getMembers();
    check(left.size() == 1 && left.get(0).getValue().get().equals(bobId), "one member is left");
    done("group pushed");

    List<String> seen = new ArrayList<>();
    for (long start = 1; ; start++) {
      List<User> page = listed(scim).startIndex(start).count(1).get().sendRequest().getResource().getListedResources();
      if (page.isEmpty()) break;
      for (User user : page) seen.add(user.getId().get());
    }
    check(seen.equals(List.of(adaId, bobId)), "each on a page of its own: " + seen);
    // More than fit on a page, so that the client has to go on by itself.
    BulkBuilder many = scim.bulk();
    for (int at = 0; at < 105; at++) {
      many.bulkRequestOperation(EndpointPaths.GROUPS).method(HttpMethod.POST).bulkId("page" + at)
          .data(Group.builder().displayName("Page " + at).build()).next();
    }
    check(many.sendRequest().isSuccess(), "many groups by bulk");
    ListResponse<Group> pages =
        (ListResponse<Group>)
            scim.list(Group.class, EndpointPaths.GROUPS).filter("displayName", Comparator.SW, "Page ").build()
                .get().getAll().getResource();
    check(pages.getListedResources().stream().map(one -> one.getId().get()).distinct().count() == 105, "all pages");
    ListResponse<Group> groups =
        scim.list(Group.class, EndpointPaths.GROUPS)
            .excludedAttributes("members")
            .filter("displayName", Comparator.EQ, "Goldfish Managers")
            .and("members.value", Comparator.EQ, bobId)
            .build().get().sendRequest().getResource();
    check(groups.getListedResources().get(0).getId().get().equals(groupId), "the group by its name and member");
    check(groups.getListedResources().get(0).getMembers().isEmpty(), "without its members");
    done("pages read");

    ServerResponse<BulkResponse> bulk =
        scim.bulk()
            .failOnErrors(1)
            .bulkRequestOperation(EndpointPaths.GROUPS).method(HttpMethod.POST).bulkId("group")
            .data(Group.builder().displayName("Goldfish Bulk").members(List.of(member("bulkId:user"))).build())
            .next()
            .bulkRequestOperation(EndpointPaths.USERS).method(HttpMethod.POST).bulkId("user")
            .data(person("bulk"))
            .sendRequest();
    check(bulk.isSuccess(), "bulk: " + bulk.getResponseBody());
    check(bulk.getResource().getBulkResponseOperations().size() == 2, "both operations are answered");
    done("bulk sent");

    User off =
        scim.patch(User.class, EndpointPaths.USERS, adaId)
            .addOperation().op(PatchOp.REPLACE).path("active").value("false")
            .build().sendRequest().getResource();
    check(!off.isActive().get(), "deactivated");
    ServerResponse<User> gone = scim.delete(User.class, EndpointPaths.USERS, adaId).sendRequest();
    check(gone.isSuccess() && gone.isValidScimResponse(), "deleted: " + gone.getHttpStatus());
    ServerResponse<User> missing = scim.get(User.class, EndpointPaths.USERS, adaId).sendRequest();
    check(missing.getHttpStatus() == 404 && missing.getErrorResponse() != null, "a missing one is a SCIM 404");
    done("user gone");
  }

  static ListBuilder<User> listed(ScimRequestBuilder scim) {
    return scim.list(User.class, EndpointPaths.USERS)
        .filter("userName", Comparator.EW, "@goldfish.com")
        .build()
        .sortBy("userName");
  }

  static User person(String name) {
    return User.builder()
        .userName(name + "@goldfish.com")
        .name(Name.builder().givenName("Gold").familyName("Fish").build())
        .title("Nurse")
        .active(true)
        .emails(List.of(Email.builder().value(name + "@goldfish.com").type("work").primary(true).build()))
        .enterpriseUser(EnterpriseUser.builder().department("Care").build())
        .build();
  }

  static Member member(String id) {
    return Member.builder().value(id).type("User").build();
  }

  static void check(boolean isRight, String what) {
    if (!isRight) throw new AssertionError(what);
  }

  static void done(String step) {
    System.out.println("done: " + step);
  }
}
