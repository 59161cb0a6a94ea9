"""Sign-on with the passwords, groups and attributes of LDAP directories."""
