#include "orchestrator/util/terminal.hpp"

#include <pty.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include <catch2/catch.hpp>

#include "orchestrator/util/descriptor.hpp"

using namespace wsbench::util;

namespace {

/// A terminal of 20 columns, whose other end tells what was written.
class Terminal {
 public:
  Terminal() {
    int ours = -1, theirs = -1;
    winsize size{};
    size.ws_col = 20;
    size.ws_row = 5;
    REQUIRE(::openpty(&ours, &theirs, nullptr, nullptr, &size) == 0);
    ours_ = std::make_unique<Descriptor>(ours);
    out_.reset(::fdopen(theirs, "w"));
    ::setenv("TERM", "xterm", 1);
  }
  std::FILE* out() { return out_.get(); }
  std::string read() {
    std::array<char, 4096> bytes{};
    const auto count = ::read(ours_->get(), bytes.data(), bytes.size());
    return {bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  }

 private:
  std::unique_ptr<Descriptor> ours_;
  std::unique_ptr<std::FILE, decltype(&std::fclose)> out_{nullptr, &std::fclose};
};

}  // namespace

TEST_CASE("a status line is cut to the terminal, and gives way to a line that stays") {
  Terminal terminal;
  CHECK(screen_size(terminal.out()).columns == 20);
  StatusLine line(terminal.out());
  REQUIRE(line.is_on_terminal());
  CHECK(line.is_due());
  line.show("0123456789012345678901234");
  CHECK(terminal.read() == "\r\033[K0123456789012345678");
  CHECK_FALSE(line.is_due());
  line.print("done");
  CHECK(terminal.read() == "\r\033[Kdone\r\n");
  line.show("next");
  line.clear();
  CHECK(terminal.read() == "\r\033[Knext\r\033[K");
}

TEST_CASE("without a terminal only the lines that stay are written") {
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::tmpfile(), &std::fclose);
  {
    StatusLine line(file.get());
    CHECK_FALSE(line.is_due());
    line.show("half of it");
    line.print("all of it");
  }
  CHECK(std::ftell(file.get()) == 10);
}

TEST_CASE("a terminal that cannot take a line back is treated as none") {
  Terminal terminal;
  ::setenv("TERM", "dumb", 1);
  CHECK_FALSE(StatusLine(terminal.out()).is_on_terminal());
}
