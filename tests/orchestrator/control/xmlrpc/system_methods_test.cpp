#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/orchestrator/control/calls.hpp"

using namespace wsbench;
using namespace wsbench::control;
using namespace wsbench::test;
using rpc::Array;
using rpc::Struct;

namespace {

rpc::Value call_struct(const char* method, Array params) {
  return Struct{{"methodName", method}, {"params", std::move(params)}};
}

rpc::Value fault_struct(int code, const char* text) {
  return Struct{{"faultCode", code}, {"faultString", text}};
}

}  // namespace

TEST_CASE("methods are listed in order, and each has help and a signature of its parameters") {
  FakeHost host;
  const auto names = array_of(result_of(host, "system.listMethods"));
  CHECK(names.size() == methods().all().size());
  std::vector<std::string> sorted;
  for (const auto& name : names) sorted.push_back(text_of(&name));
  CHECK(std::is_sorted(sorted.begin(), sorted.end()));
  for (const auto& name : sorted) {
    INFO(name);
    CHECK(text_of(&static_cast<const rpc::Value&>(result_of(host, "system.methodHelp", {name})))
              .find("@return") != std::string::npos);
    CHECK_FALSE(array_of(result_of(host, "system.methodSignature", {name})).empty());
  }
}

TEST_CASE("a signature is the types of the result and the parameters") {
  FakeHost host;
  const auto signature = [&host](const char* name) {
    return result_of(host, "system.methodSignature", {name});
  };
  CHECK(signature("supervisor.startProcess") == rpc::Value(Array{"boolean", "string", "boolean"}));
  CHECK(signature("supervisor.tailProcessStdoutLog") == rpc::Value(Array{"array", "string", "int", "int"}));
  CHECK(signature("supervisor.getPID") == rpc::Value(Array{"int"}));
  CHECK(signature("wsbench.submit") == rpc::Value(Array{"struct", "string", "string", "struct"}));
}

TEST_CASE("help looks as supervisord's documentation does") {
  FakeHost host;
  CHECK(result_of(host, "system.methodHelp", {"supervisor.readLog"}) ==
        rpc::Value("Read wsbench's own log.\n\n"
                   "@param int offset  Where to begin; -n with length 0: the last n bytes\n"
                   "@param int length  How many bytes; 0: to the end\n"
                   "@return string text  Bytes of the log"));
}

TEST_CASE("help and signature of what is not there are SIGNATURE_UNSUPPORTED") {
  FakeHost host;
  CHECK(fault_of_call(host, "system.methodHelp", {"supervisor.restart"}) == "4 SIGNATURE_UNSUPPORTED");
  CHECK(fault_of_call(host, "system.methodSignature", {"x"}) == "4 SIGNATURE_UNSUPPORTED");
}

TEST_CASE("a multicall gives bare results in order, faults in their places") {
  FakeHost host;
  const auto results = result_of(
      host, "system.multicall",
      {rpc::Value(Array{call_struct("supervisor.getPID", {}),
                        call_struct("supervisor.getProcessInfo", {"a:b"}), call_struct("nobody.knows", {}),
                        Struct{{"methodName", "supervisor.getIdentification"}}})});
  CHECK(results == rpc::Value(Array{4242, fault_struct(10, "BAD_NAME: a:b"),
                                    fault_struct(1, "UNKNOWN_METHOD"), "wsbench"}));
}

TEST_CASE("a multicall refuses recursion and what is no call, and goes on") {
  FakeHost host;
  const auto results = result_of(
      host, "system.multicall",
      {rpc::Value(Array{call_struct("system.multicall", {rpc::Value(Array{})}), Struct{{"params", Array{}}},
                        7, Struct{{"methodName", "supervisor.getPID"}, {"params", "none"}},
                        call_struct("supervisor.getPID", {})})});
  CHECK(results ==
        rpc::Value(Array{fault_struct(2, "INCORRECT_PARAMETERS: Recursive system.multicall forbidden"),
                         fault_struct(2, "INCORRECT_PARAMETERS: No methodName"),
                         fault_struct(2, "INCORRECT_PARAMETERS: No methodName"),
                         fault_struct(2, "INCORRECT_PARAMETERS"), 4242}));
  CHECK(fault_of_call(host, "system.multicall", {"calls"}) == "2 INCORRECT_PARAMETERS");
}

TEST_CASE("a multicall takes time when one of its calls does") {
  const auto takes_time = [](const char* method, Array params) {
    return methods().takes_time({method, std::move(params)});
  };
  CHECK_FALSE(takes_time("supervisor.getAllProcessInfo", {}));
  CHECK(takes_time("supervisor.stopProcess", {"a:b"}));
  CHECK_FALSE(takes_time("nobody.knows", {}));
  CHECK_FALSE(takes_time("system.multicall", {rpc::Value(Array{call_struct("supervisor.getPID", {}), 7})}));
  CHECK(takes_time("system.multicall", {rpc::Value(Array{call_struct("supervisor.getPID", {}),
                                                         call_struct("wsbench.runs", {})})}));
}
