#pragma once

namespace wsbench::test {

/// A TCP port of 127.0.0.1 that the kernel found free a moment ago. Somebody else may take it before the
/// caller does: for programs that can't be told to bind port 0.
int free_port();

}  // namespace wsbench::test
