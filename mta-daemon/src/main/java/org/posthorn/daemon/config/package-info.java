/**
 * The settings: one TOML file, read strictly, into one immutable {@link org.posthorn.daemon.config.Configuration}.
 *
 * <p>Every default stands in {@link org.posthorn.daemon.config.ConfigurationReader}, every key with its meaning in
 * {@code config/posthorn.toml}; a test holds the two together.
 */
@NullMarked
package org.posthorn.daemon.config;

import org.jspecify.annotations.NullMarked;
