// truth_server: an echo server that misbehaves as it is told and writes down what it did. Prints "listening
// on PORT", serves until SIGTERM or SIGINT, then writes its log and prints its summary.

#include <signal.h>
#include <sys/resource.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tests/support/truth/server.hpp"

namespace {

using namespace wsbench::test::truth;

struct Options {
  std::uint16_t port = 0;
  std::filesystem::path log;
  Behaviour behaviour;
  Nanoseconds window_from{0}, window_to = Nanoseconds::max();
};

/// An option that is a count of `unit`, which may have a fraction.
void add_time(CLI::App& app, const std::string& name, Nanoseconds& to, std::chrono::duration<double> unit,
              const std::string& what) {
  app.add_option_function<double>(
         name, [&to, unit](double count) { to = std::chrono::duration_cast<Nanoseconds>(count * unit); },
         what)
      ->check(CLI::NonNegativeNumber)
      ->type_name(unit.count() == 1 ? "SECONDS" : "MS");
}

void add_selection(CLI::App& app, const std::string& verb, Selection& to, const std::string& what) {
  app.add_option("--" + verb + "-share", to.share, what + ": each with this probability")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--" + verb + "-every", to.every, what + ": each n-th over all clients");
  app.add_option("--" + verb + "-at", to.at, what + ": only the n-th, from 1");
}

void add_behaviour(CLI::App& app, Behaviour& b) {
  constexpr std::chrono::duration<double> kSecond{1}, kMillisecond{0.001};
  add_time(app, "--delay", b.delay, kMillisecond, "from reading to sending");
  add_time(app, "--slow-delay", b.slow_delay, kMillisecond, "the same of slow messages");
  app.add_option("--slow-share", b.slow_share, "the probability that one is slow")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--rate", b.rate, "echoes a second at most; the others queue")
      ->check(CLI::NonNegativeNumber);
  add_time(app, "--stall-at", b.stall.from, kSecond, "sends nothing from this time on...");
  add_time(app, "--stall-for", b.stall.length, kSecond, "...for so long");
  add_time(app, "--pause-at", b.pause.from, kSecond, "reads nothing from this time on...");
  add_time(app, "--pause-for", b.pause.length, kSecond, "...for so long");
  add_time(app, "--faults-from", b.faults_from, kSecond, "drops, duplicates, ... nothing before");
  add_selection(app, "drop", b.dropped, "not answered");
  add_selection(app, "duplicate", b.duplicated, "answered twice");
  add_selection(app, "swap", b.swapped, "answered after the client's next message");
  add_selection(app, "alter", b.altered, "answered with a wrong last byte");
  add_selection(app, "close", b.closed, "answered by the connection's end");
  const std::map<std::string, Farewell> farewells{
      {"close", Farewell::close_frame}, {"end", Farewell::end_of_stream}, {"reset", Farewell::reset}};
  app.add_option("--farewell", b.farewell, "how it ends one: close (a close frame), end (of TCP), reset")
      ->transform(CLI::CheckedTransformer(farewells));
  app.add_option("--mute-clients", b.mute_clients, "clients whose number is below get no answer...");
  app.add_option("--mute-after", b.mute_after, "...to messages from this number on, from 0...");
  add_time(app, "--mute-at", b.mute_from, kSecond, "...from this time on...");
  add_time(app, "--mute-for", b.mute_for, kSecond, "...for so long; ever unless given");
  add_time(app, "--handshake-delay", b.handshake_delay, kMillisecond, "before each handshake's answer");
  app.add_flag("!--close-unanswered", b.close_is_answered, "answers a close by the end of TCP");
  app.add_flag("--every-message", b.every_message, "all this for any message, not only for those of a load");
  app.add_option("--seed", b.seed, "of what is random");
}

void allow_many_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int serve(const Options& options) {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  allow_many_files();
  Server server(options.behaviour, options.port);
  fmt::print("listening on {}\n", server.port());
  std::fflush(stdout);
  {
    const std::jthread loop([&server](const std::stop_token& stop) {
      try {
        server.run(stop);
      } catch (const std::exception& error) {
        fmt::print(stderr, "truth_server: {}\n", error.what());
        ::kill(::getpid(), SIGTERM);
      }
    });
    int signal = 0;
    ::sigwait(&ending, &signal);
  }
  if (!options.log.empty()) server.log().write_csv(options.log);
  fmt::print("{}\n", to_json(server.log().summarise(options.window_from, options.window_to)));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app(
      "An echo server that misbehaves as it is told and writes down what it did. Times count from the first "
      "message of a load.");
  app.add_option("--port", options.port, "where to listen on 127.0.0.1; one that is free unless given");
  app.add_option("--log", options.log, "the CSV file for what it did");
  add_behaviour(app, options.behaviour);
  constexpr std::chrono::duration<double> kSecond{1};
  add_time(app, "--window-from", options.window_from, kSecond,
           "the summary is of what was received from this time...");
  add_time(app, "--window-to", options.window_to, kSecond, "...to this");
  CLI11_PARSE(app, argc, argv);
  try {
    return serve(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "truth_server: {}\n", error.what());
    return 1;
  }
}
