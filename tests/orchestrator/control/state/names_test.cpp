#include "orchestrator/control/state/names.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace wsbench::control::state;

TEST_CASE("a process's name is read as supervisord reads it") {
  const auto whole = split_process_name("suite:node-ws");
  CHECK(whole.group == "suite");
  CHECK(whole.process == "node-ws");
  CHECK(split_process_name("x").group == "x");
  CHECK(split_process_name("x").process == "x");
  CHECK(split_process_name("a:b:c").process == "b:c");
  for (const auto* group : {"suite:*", "suite:"}) {
    CHECK(split_process_name(group).group == "suite");
    CHECK_FALSE(split_process_name(group).process.has_value());
  }
}

TEST_CASE("no name that could leave a directory is a file's name") {
  CHECK(is_file_name("smoke-20261123T000000Z"));
  CHECK(is_file_name("a_b.c"));
  for (const auto* name : {"", ".", "..", ".hidden", "a/b", "a\\b", "a b", "a:b", "\xC3\xA4", "a\n"}) {
    INFO(name);
    CHECK_FALSE(is_file_name(name));
  }
  CHECK_FALSE(is_file_name(std::string(201, 'a')));
  CHECK_FALSE(is_file_name(std::string_view("a\0b", 3)));
}
