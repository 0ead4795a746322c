"""What competition/setup is made of: contestants and their builds, Debian's packages, the machine's limits.

Beside it: `compile`, which the builds of most manifests call; `cowboy/`, which two of them share; `catalogue`, which writes
docs/contestants.md."""
