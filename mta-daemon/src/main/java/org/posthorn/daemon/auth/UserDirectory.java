package org.posthorn.daemon.auth;

/** Who is asked about passwords in place of the users file, which then only says what its users may send as. */
public sealed interface UserDirectory permits DovecotSocket, PasswordDirectory {}
