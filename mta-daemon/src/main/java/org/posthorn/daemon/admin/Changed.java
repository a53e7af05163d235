package org.posthorn.daemon.admin;

/** How many messages a command acted on, or would act on. */
public record Changed(long messages) {}
