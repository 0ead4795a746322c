#include "client/probe/probe.hpp"

#include <cstddef>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "client/probe/conversation.hpp"
#include "client/probe/probe_rules.hpp"

namespace wsbench::client {

using event::Reason;

namespace {

bool may_pass_later(const ExchangeFailure& failure) noexcept {
  switch (failure.ending.reason) {
    case Reason::refused:
    case Reason::reset:
    case Reason::connection_timeout:
    case Reason::end_of_stream:
    case Reason::unreachable:
    case Reason::out_of_ports:
    case Reason::out_of_files:
      return true;
    case Reason::handshake_rejected:
      // "Not yet" in the words of HTTP: bad gateway, unavailable, gateway timeout. Any other answer will
      // stay.
      return failure.ending.status >= 502 && failure.ending.status <= 504;
    default:
      return false;
  }
}

struct NamedExchange {
  std::string name;
  Exchange exchange;
};

Exchange echo_of(Opcode opcode, std::string payload) {
  Exchange exchange;
  exchange.sent = {{opcode, payload, true}};
  exchange.echo = Frame{opcode, std::move(payload), true};
  return exchange;
}

/// Text that differs from place to place, so that a part left out or put in the wrong order shows.
std::string varied_text(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('!' + (i * 7 + i / 251) % 94);
  return text;
}

std::string all_bytes() {
  std::string bytes(256, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i);
  return bytes;
}

Exchange fragments(const std::vector<std::string>& parts) {
  Exchange exchange;
  exchange.echo = Frame{Opcode::text, {}, true};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    exchange.sent.push_back({i == 0 ? Opcode::text : Opcode::continuation, parts[i], i + 1 == parts.size()});
    exchange.echo->payload += parts[i];
  }
  return exchange;
}

std::vector<NamedExchange> all_checks() {
  std::vector<NamedExchange> checks;
  checks.push_back({"text_is_text", echo_of(Opcode::text, "wsbench: h\xC3\xA9llo")});
  checks.push_back({"binary_is_binary", echo_of(Opcode::binary, all_bytes())});
  for (const std::size_t size : std::initializer_list<std::size_t>{0, 125, 126, 65535, 65536}) {
    checks.push_back({"size_" + std::to_string(size), echo_of(Opcode::text, varied_text(size))});
  }
  checks.push_back({"fragments", fragments({"one, ", "", "two, ", "three"})});

  Exchange ping;
  ping.sent = {{Opcode::ping, "are you there?", true}};
  ping.pong = "are you there?";
  checks.push_back({"ping", ping});

  Exchange between = fragments({"before the ping, ", "after it"});
  between.sent.insert(between.sent.begin() + 1, Frame{Opcode::ping, "between", true});
  between.pong = "between";
  checks.push_back({"ping_between_fragments", std::move(between)});

  // U+1F600 in UTF-8 is F0 9F 98 80.
  checks.push_back({"utf8_cut", fragments({"\xF0\x9F", "\x98\x80 and \xC3", "\xA9"})});

  Exchange close;
  close.close_code = kTrialCloseCode;
  close.close_must_be_answered = true;
  checks.push_back({"close_code", close});
  return checks;
}

}  // namespace

tl::expected<void, ProbeFailure> probe_echo(const Target& target, std::chrono::nanoseconds handshake_limit,
                                            std::chrono::nanoseconds echo_limit,
                                            const std::stop_token& stop) {
  const std::vector<Exchange> exchanges{echo_of(Opcode::text, varied_text(20))};
  const auto outcome =
      converse(target, exchanges, {handshake_limit, echo_limit, handshake_limit + 2 * echo_limit}, stop)
          .front();
  if (outcome) return {};
  const ExchangeFailure& failure = outcome.error();
  return tl::unexpected(ProbeFailure{failure.ending, failure.detail, may_pass_later(failure)});
}

std::vector<Check> probe_conformance(const Target& target, std::chrono::nanoseconds limit) {
  const std::vector<NamedExchange> checks = all_checks();
  std::vector<Exchange> exchanges;
  for (const NamedExchange& check : checks) exchanges.push_back(check.exchange);
  const auto outcomes = converse(target, exchanges, {limit, limit, limit});
  std::vector<Check> results;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const bool passed = outcomes[i].has_value();
    results.push_back({checks[i].name, passed, passed ? std::string() : outcomes[i].error().detail});
  }
  return results;
}

}  // namespace wsbench::client
