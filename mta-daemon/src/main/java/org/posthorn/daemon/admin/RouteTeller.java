package org.posthorn.daemon.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.posthorn.daemon.inbound.RelayPolicy;
import org.posthorn.daemon.inbound.RelayPolicy.Decision;
import org.posthorn.delivery.Router;
import org.posthorn.smtp.ForwardPath;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.RcptParameters;

/** Tells where mail for an address would go: the relay policy decides, then the router, as they do for real mail. */
public final class RouteTeller {
  private final Supplier<RelayPolicy> policy;
  private final Supplier<Router> router;

  /** Asks for the policy and the router in force each time. */
  public RouteTeller(Supplier<RelayPolicy> policy, Supplier<Router> router) {
    this.policy = policy;
    this.router = router;
  }

  /** Looks up all that a delivery would; waits for the DNS. */
  RouteView tell(String address) {
    ForwardPath path = address.equalsIgnoreCase("postmaster")
        ? new ForwardPath.Postmaster()
        : new ForwardPath.To(Mailbox.parse(address)
            .orElseThrow(() -> new BadRequest("not an address: \"" + address + "\"")));
    var inForce = policy.get();
    return switch (inForce.decide(true, path, RcptParameters.NONE)) {
      case Decision.Refuse(var reply) -> new RouteView(address, "nobody: " + reply, List.of());
      case Decision.Accept(var recipients) -> {
        boolean isOpen = inForce.decide(false, path, RcptParameters.NONE) instanceof Decision.Accept;
        var targets = new ArrayList<RouteView.Target>();
        recipients.forEach(recipient -> targets.add(target(recipient.address())));
        yield new RouteView(address, isOpen ? "anyone" : "trusted clients only", targets);
      }
    };
  }

  private RouteView.Target target(Mailbox mailbox) {
    try {
      var explanation = router.get().explain(mailbox);
      return new RouteView.Target(mailbox.toString(), explanation.route().toString(), explanation.why(),
          explanation.servers().stream().map(server -> server.host() + "[" + server.address() + "]").toList(),
          explanation.obstacles().stream().map(why -> why.status() + " " + why.text()).toList());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
