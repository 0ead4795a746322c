"""What competition/setup is made of: contestants and their builds, Debian's packages, the machine's limits."""
