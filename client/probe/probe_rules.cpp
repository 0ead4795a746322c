#include "client/probe/probe_rules.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "client/probe/probe_socket.hpp"
#include "client/websocket/random.hpp"

// The rules of an echo server, each as the conversation that shows whether it is kept.

namespace wsbench::client {

namespace {

constexpr std::string_view kEuro = "\xE2\x82\xACuro";  // a character of three bytes, and three of one

/// The path is the target's, unless the rule is about paths.
struct Trial {
  Target target;
  ProbeSocket::Deadline deadline;
  std::stop_token stop;
};

using Talk = void (*)(ProbeSocket& socket);

/// After the handshake.
template <Talk talk>
std::string on_open_socket(const Trial& trial) {
  ProbeSocket socket(trial.target, trial.deadline, trial.stop);
  socket.shake_hands();
  talk(socket);
  return socket.failure();
}

void text_is_text(ProbeSocket& socket) {
  socket.expect_echo(Opcode::text, "na\xC3\xAFve \xE2\x82\xAC \xF0\x9F\x98\x80");
}

void binary_is_binary(ProbeSocket& socket) {
  std::string bytes(256, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i);
  socket.expect_echo(Opcode::binary, bytes);
}

std::string text_of(std::size_t size) {
  std::string text;
  text.reserve(size);
  while (text.size() + kEuro.size() <= size) text += kEuro;
  return text + std::string(size - text.size(), 'x');
}

std::string bytes_of(std::size_t size) {
  Random random(size);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.next() >> 56U);
  return bytes;
}

/// The message after them must come through too.
template <std::size_t kSize>
void size(ProbeSocket& socket) {
  socket.expect_echo(Opcode::text, text_of(kSize));
  socket.expect_echo(Opcode::binary, bytes_of(kSize));
  socket.expect_echo(Opcode::text, "next");
}

void fragments(ProbeSocket& socket) {
  socket.send(Opcode::text, "one ", false);
  socket.send(Opcode::continuation, "", false);
  socket.send(Opcode::continuation, "two ", false);
  socket.send(Opcode::continuation, "three");
  socket.expect(Opcode::text, "one two three");
  const std::string large = bytes_of(70000);
  socket.send(Opcode::binary, large, false);
  socket.send(Opcode::continuation, "\xFE");
  socket.expect(Opcode::binary, large + "\xFE");
}

void utf8_cut(ProbeSocket& socket) {
  // U+1F600 is F0 9F 98 80, U+00E9 is C3 A9.
  socket.send(Opcode::text, "\xF0\x9F", false);
  socket.send(Opcode::continuation, "\x98\x80 and \xC3", false);
  socket.send(Opcode::continuation, "\xA9");
  socket.expect(Opcode::text, "\xF0\x9F\x98\x80 and \xC3\xA9");
}

/// RFC 6455, section 8.1: such a connection is failed. Code 1007 is for it, but may be left out.
void invalid_utf8(ProbeSocket& socket) {
  socket.send(Opcode::text, "\xC3\x28");
  const auto message = socket.receive();
  if (!message) {
    if (!socket.ended()) socket.fail("text that is not UTF-8 was left unanswered");
    return;
  }
  if (message->opcode != Opcode::close) return socket.fail("text that is not UTF-8 was taken");
  const auto code = message->payload.substr(0, 2);
  if (!code.empty() && code != "\x03\xEF")
    socket.fail("text that is not UTF-8: closed with another code than 1007");
}

void ping(ProbeSocket& socket) {
  for (const std::string_view payload : {"", "are you there?"}) {
    socket.send(Opcode::ping, payload);
    socket.expect(Opcode::pong, payload);
  }
  socket.send(Opcode::pong, "nobody asked");
  socket.expect_echo(Opcode::text, "still here");
}

void ping_between_fragments(ProbeSocket& socket) {
  socket.send(Opcode::text, "be", false);
  socket.send(Opcode::ping, "now?");
  socket.expect(Opcode::pong, "now?");
  socket.send(Opcode::continuation, "tween");
  socket.expect(Opcode::text, "between");
}

void close_code(ProbeSocket& socket) {
  const std::string ours{static_cast<char>(kTrialCloseCode >> 8U),
                         static_cast<char>(kTrialCloseCode & 0xFFU)};
  socket.send(Opcode::close, ours + "bye");
  const auto message = socket.receive();
  if (!socket.failure().empty()) return;
  if (!message)
    return socket.fail(socket.ended() ? "it ended the connection without a close frame"
                                      : "our close frame was not answered in time");
  if (message->opcode != Opcode::close) return socket.fail("our close frame was answered by another");
  const auto code = message->payload.substr(0, 2);
  if (code != ours) {
    return socket.fail(code.empty() ? "its close frame has no code"
                                    : "its close frame has another code than ours, " +
                                          std::to_string(kTrialCloseCode));
  }
  socket.expect_end();
}

std::string no_deflate(const Trial& trial) {
  ProbeSocket socket(trial.target, trial.deadline, trial.stop);
  socket.shake_hands({{"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"}});
  const auto extensions = socket.answered("sec-websocket-extensions");
  if (!extensions.empty()) socket.fail("it negotiated " + extensions);
  return socket.failure();
}

std::string any_path_and_origin(const Trial& trial) {
  Target target = trial.target;
  target.path = "/an/odd%20path?with=a&query=%C3%A4";
  ProbeSocket socket(target, trial.deadline, trial.stop);
  socket.shake_hands({{"Origin", "http://elsewhere.example"}});
  socket.expect_echo(Opcode::text, "hello");
  return socket.failure();
}

struct ProbedRule {
  Rule rule;
  std::string (*probe)(const Trial& trial);  ///< empty, or why it is not kept
};

constexpr ProbedRule kRules[] = {
    {{"text_is_text", "tx", "sends text back as text"}, on_open_socket<text_is_text>},
    {{"binary_is_binary", "bi", "sends binary back as binary"}, on_open_socket<binary_is_binary>},
    {{"size_0", "0", "echoes messages of no bytes"}, on_open_socket<size<0>>},
    {{"size_1", "1", "echoes messages of 1 byte"}, on_open_socket<size<1>>},
    {{"size_125", "125", "echoes messages of 125 bytes"}, on_open_socket<size<125>>},
    {{"size_126", "126", "echoes messages of 126 bytes"}, on_open_socket<size<126>>},
    {{"size_127", "127", "echoes messages of 127 bytes"}, on_open_socket<size<127>>},
    {{"size_65535", "<64K", "echoes messages of 65,535 bytes"}, on_open_socket<size<65535>>},
    {{"size_65536", "64K", "echoes messages of 65,536 bytes"}, on_open_socket<size<65536>>},
    {{"size_1048576", "1M", "echoes messages of 1 MiB"}, on_open_socket<size<1048576>>},
    {{"fragments", "fr", "joins the fragments of a message"}, on_open_socket<fragments>},
    {{"utf8_cut", "u8", "takes characters that are cut across frames"}, on_open_socket<utf8_cut>},
    {{"invalid_utf8", "iv", "rejects text that is not UTF-8"}, on_open_socket<invalid_utf8>},
    {{"ping", "pi", "answers pings"}, on_open_socket<ping>},
    {{"ping_between_fragments", "pf", "answers pings between fragments"},
     on_open_socket<ping_between_fragments>},
    {{"close_code", "cl", "answers a close with its code, and ends"}, on_open_socket<close_code>},
    {{"no_deflate", "df", "does not negotiate permessage-deflate"}, no_deflate},
    {{"any_path_and_origin", "po", "takes any path and Origin"}, any_path_and_origin},
};

}  // namespace

const std::vector<Rule>& probed_rules() {
  static const std::vector<Rule> rules = [] {
    std::vector<Rule> all;
    for (const auto& probed : kRules) all.push_back(probed.rule);
    return all;
  }();
  return rules;
}

std::vector<Check> probe_rules(const Target& target, std::chrono::nanoseconds limit,
                               const std::stop_token& stop) {
  const Trial trial{target, std::chrono::steady_clock::now() + limit, stop};
  std::vector<Check> checks(std::size(kRules));
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < checks.size(); ++i) {
      threads.emplace_back([&, i] {
        checks[i].name = kRules[i].rule.name;
        checks[i].detail = kRules[i].probe(trial);
        checks[i].passed = checks[i].detail.empty();
      });
    }
  }
  return checks;
}

}  // namespace wsbench::client
