// Provisions by UnboundID's SCIM 2 SDK, which Ping Identity's products are built on.
// UnboundId.java URL TOKEN; prints a line for each step, and ends with an exception where one fails.

import com.unboundid.scim2.client.ScimService;
import com.unboundid.scim2.common.exceptions.ResourceConflictException;
import com.unboundid.scim2.common.exceptions.ResourceNotFoundException;
import com.unboundid.scim2.common.exceptions.PreconditionFailedException;
import com.unboundid.scim2.common.messages.ListResponse;
import com.unboundid.scim2.common.messages.SortOrder;
import com.unboundid.scim2.common.types.Email;
import com.unboundid.scim2.common.types.EnterpriseUserExtension;
import com.unboundid.scim2.common.types.GroupResource;
import com.unboundid.scim2.common.types.Member;
import com.unboundid.scim2.common.types.Name;
import com.unboundid.scim2.common.types.UserResource;
import jakarta.ws.rs.client.Client;
import jakarta.ws.rs.client.ClientBuilder;
import jakarta.ws.rs.client.ClientRequestFilter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.glassfish.jersey.apache.connector.ApacheConnectorProvider;
import org.glassfish.jersey.client.ClientConfig;
import org.glassfish.jersey.client.ClientProperties;

class UnboundId {
  public static void main(String[] args) throws Exception {
    ClientConfig config = new ClientConfig();
    config.connectorProvider(new ApacheConnectorProvider());
    config.property(ClientProperties.CONNECT_TIMEOUT, 5_000);
    config.property(ClientProperties.READ_TIMEOUT, 20_000);
    Client client = ClientBuilder.newClient(config);
    client.register(
        (ClientRequestFilter)
            request -> request.getHeaders().putSingle("Authorization", "Bearer " + args[1]));
    provision(new ScimService(client.target(args[0])));
    client.close();
  }

  static void provision(ScimService scim) throws Exception {
    check(scim.getServiceProviderConfig().getPatch().isSupported(), "PATCH is announced");
    check(scim.getResourceTypes().getTotalResults() == 2, "two resource types");
    check(scim.getSchema("urn:ietf:params:scim:schemas:core:2.0:User").getName().equals("User"), "the schema");
    done("discovery");

    UserResource ada = scim.create("Users", person("ada"));
    UserResource bob = scim.create("Users", person("bob"));
    check("Care".equals(ada.getExtension(EnterpriseUserExtension.class).getDepartment()), "the extension comes back");
    try {
      scim.create("Users", person("ADA"));
      throw new AssertionError("a second one was created");
    } catch (ResourceConflictException expected) {
      check("uniqueness".equals(expected.getScimError().getScimType()), "for its uniqueness");
    }
    done("users created");

    ListResponse<UserResource> found =
        scim.searchRequest("Users").filter("userName eq \"ada@unboundid.com\"").invoke(UserResource.class);
    check(found.getTotalResults() == 1 && found.getResources().get(0).getId().equals(ada.getId()), "found by name");
    ListResponse<UserResource> posted =
        scim.searchRequest("Users")
            .filter("emails[value ew \"@unboundid.com\"]")
            .sort("userName", SortOrder.DESCENDING)
            .page(1, 1)
            .invokePost(UserResource.class);
    check(posted.getTotalResults() == 2 && posted.getResources().get(0).getId().equals(bob.getId()), "by .search");
    done("users found");

    UserResource renamed =
        scim.modifyRequest("Users", ada.getId())
            .replaceValue("name.familyName", "Lovelace")
            .addValues("emails", new Email().setValue("ada@home.example").setType("home"))
            .removeValues("title")
            .invoke(UserResource.class);
    check("Lovelace".equals(renamed.getName().getFamilyName()), "renamed by PATCH");
    check(renamed.getTitle() == null && renamed.getEmails().size() == 2, "the rest of the PATCH");
    UserResource replaced = scim.replaceRequest(renamed.setDisplayName("Ada L.")).ifMatch().invoke();
    check("Ada L.".equals(replaced.getDisplayName()), "replaced by PUT");
    try {
      scim.replaceRequest(renamed).ifMatch().invoke();
      throw new AssertionError("a stale ETag was taken");
    } catch (PreconditionFailedException expected) {
      done("users changed");
    }

    GroupResource group =
        scim.create("Groups", new GroupResource().setDisplayName("UnboundID Managers").setMembers(member(ada)));
    scim.modifyRequest("Groups", group.getId()).addValues("members", member(bob)).invoke(Void.class);
    scim.modifyRequest("Groups", group.getId())
        .removeValues("members[value eq \"" + ada.getId() + "\"]")
        .invoke(Void.class);
    List<Member> left = scim.retrieve("Groups", group.getId(), GroupResource.class).getMembers();
    check(left.size() == 1 && left.get(0).getValue().equals(bob.getId()), "one member is left");
    done("group pushed");

    for (int start = 1; start <= 2; start++) {
      ListResponse<UserResource> one =
          scim.searchRequest("Users")
              .filter("userName ew \"@unboundid.com\"")
              .sort("userName", SortOrder.ASCENDING)
              .page(start, 1)
              .invoke(UserResource.class);
      check(one.getTotalResults() == 2 && one.getItemsPerPage() == 1 && one.getStartIndex() == start, "page " + start);
      check(one.getResources().get(0).getId().equals((start == 1 ? ada : bob).getId()), "who is on page " + start);
    }
    ListResponse<GroupResource> groups =
        scim.searchRequest("Groups")
            .filter("displayName eq \"unboundid managers\" and members[value eq \"" + bob.getId() + "\"]")
            .excludedAttributes("members")
            .invoke(GroupResource.class);
    check(groups.getResources().get(0).getId().equals(group.getId()), "the group by its name and member");
    check(groups.getResources().get(0).getMembers() == null, "without its members");
    done("pages by place");

    List<String> seen = new ArrayList<>();
    ListResponse<UserResource> page = scim.searchRequest("Users").firstPageCursorWithCount(1).invoke(UserResource.class);
    for (; ; ) {
      for (UserResource user : page) seen.add(user.getId());
      if (page.getNextCursor() == null) break;
      page = scim.searchRequest("Users").pageWithCursor(page.getNextCursor(), 1).invoke(UserResource.class);
    }
    check(new HashSet<>(seen).size() == seen.size() && seen.containsAll(List.of(ada.getId(), bob.getId())), "all once");
    done("pages by cursor");

    UserResource off = scim.modifyRequest("Users", ada.getId()).replaceValue("active", false).invoke(UserResource.class);
    check(!off.getActive(), "deactivated");
    scim.delete("Users", ada.getId());
    try {
      scim.retrieve("Users", ada.getId(), UserResource.class);
      throw new AssertionError("a deleted one was read");
    } catch (ResourceNotFoundException expected) {
      check("404".equals(String.valueOf(expected.getScimError().getStatus())), "a missing one is a SCIM 404");
    }
    done("user gone");
  }

  static UserResource person(String name) {
    UserResource user =
        new UserResource()
            .setUserName(name + "@unboundid.com")
            .setName(new Name().setGivenName("Un").setFamilyName("Bound"))
            .setTitle("Nurse")
            .setActive(true)
            .setEmails(new Email().setValue(name + "@unboundid.com").setType("work").setPrimary(true));
    user.setExtension(new EnterpriseUserExtension().setDepartment("Care"));
    return user;
  }

  static Member member(UserResource user) {
    return new Member().setValue(user.getId()).setType("User");
  }

  static void check(boolean isRight, String what) {
    if (!isRight) throw new AssertionError(what);
  }

  static void done(String step) {
    System.out.println("done: " + step);
  }
}
