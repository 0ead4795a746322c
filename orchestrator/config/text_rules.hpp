#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

// What the texts of a file must be.

namespace wsbench::config {

struct TextRule {
  std::string_view expected;  ///< in words that go on from "must be"
  bool (*accepts)(std::string_view);
  std::string_view pattern;  ///< a regular expression for the schema, which lets at least these through
  std::size_t longest = 0;   ///< in bytes; 0: no limit of its own
};

struct ListRule {
  const TextRule& element;
  std::size_t least = 0;
  std::string_view when_too_short = {};
  std::string (*identity)(const std::string&) = nullptr;  ///< equal for duplicates; none: the text itself
  std::string_view advice = {};                           ///< goes on from "is there already, as /servers/0"
};

constexpr std::size_t kMostElements = 1000;  ///< of any list

extern const TextRule kHost;         ///< a host name, an IPv4 or an IPv6 address
extern const TextRule kPath;         ///< of a file or a directory
extern const TextRule kRequestPath;  ///< of an HTTP request, RFC 9112 section 3.2.1
extern const TextRule kSocketPath;   ///< of a unix socket
extern const TextRule kUser;         ///< of HTTP basic authentication, RFC 7617
extern const TextRule kVariable;     ///< of the environment

extern const ListRule kContestants;  ///< programs of supervisord's
extern const ListRule kAddresses;    ///< IPv4 or IPv6 addresses

/// What JSON Schema says of a text under a rule.
nlohmann::ordered_json text_schema(const TextRule& rule);

}  // namespace wsbench::config
