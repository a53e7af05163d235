package org.posthorn.daemon.inbound;

/**
 * Servers in front of us that speak for their clients.
 *
 * @param xclient who may put a client in its place by XCLIENT; default none
 * @param xforward who may tell the log of a client by XFORWARD; default none
 */
public record FrontEnds(NetworkSet xclient, NetworkSet xforward) {
  /** There are none. */
  public static final FrontEnds NONE = new FrontEnds(NetworkSet.NONE, NetworkSet.NONE);
}
