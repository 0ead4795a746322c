#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/codec.hpp"
#include "rpc/supervisor.hpp"

namespace wsbench::test {

/// A supervisord whose plug-in answers every call with `answer`; what it was asked is in `calls`.
struct FakePlugIn {
  rpc::Struct answer;
  std::vector<rpc::Call> calls;
  rpc::Supervisor supervisor{std::make_unique<Transport>(*this)};

 private:
  class Transport final : public rpc::Transport {
   public:
    explicit Transport(FakePlugIn& plug_in) : plug_in_(plug_in) {}

    tl::expected<std::string, rpc::Error> post(std::string_view body,
                                               std::chrono::milliseconds /*deadline*/) override {
      plug_in_.calls.push_back(rpc::decode_call(body).value());
      return rpc::encode_response(plug_in_.answer);
    }
    std::string peer() const override { return "http://fake"; }

   private:
    FakePlugIn& plug_in_;
  };
};

}  // namespace wsbench::test
