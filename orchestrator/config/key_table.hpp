#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "orchestrator/config/key_info.hpp"
#include "orchestrator/config/object_reader.hpp"

// A file's keys are the rows of one table: reader, writer, JSON Schema, help and the lists of keys elsewhere
// are made from it. A new key is a new row (and the member that holds it).

namespace wsbench::config {

/// How a key's value is read into an Owner and written again, and what it may be.
template <typename Owner>
struct KeyType {
  std::function<void(ObjectReader& in, std::string_view key, Owner& owner)> read;
  std::function<nlohmann::json(const Owner& owner)> write;  ///< null: the key is left out
  nlohmann::ordered_json schema;
  std::string range = {};
  std::vector<KeyInfo> members = {};
  bool is_list = false;  ///< --set takes "a,b" for it
};

/// Who else minds a key.
struct Use {
  bool shapes_measurement = false;  ///< --resume must find it unchanged
  bool is_in_test = false;          ///< `wsbench test` takes it
};

constexpr std::string_view kRequired = "required";

template <typename Owner>
struct Key {
  std::string_view name;
  KeyType<Owner> type;
  std::string_view fallback;  ///< the default in words where it is no value: "none", kRequired; else empty
  Use use;
  std::string_view text;  ///< one line: what it is
};

template <typename Owner>
using KeyTable = std::vector<Key<Owner>>;

/// Takes the keys that an object has and tells what is wrong with it. Absent keys leave the owner as it is.
template <typename Owner>
void read_keys(const KeyTable<Owner>& table, ObjectReader& in, Owner& owner) {
  for (const auto& key : table) {
    key.type.read(in, key.name, owner);
    if (key.fallback == kRequired) in.require(key.name, key.text);
  }
  in.finish();
}

/// An object of all keys that have a value.
template <typename Owner>
nlohmann::json write_keys(const KeyTable<Owner>& table, const Owner& owner) {
  auto object = nlohmann::json::object();
  for (const auto& key : table) {
    if (auto value = key.type.write(owner); !value.is_null())
      object[std::string(key.name)] = std::move(value);
  }
  return object;
}

template <typename Owner>
std::vector<KeyInfo> describe_keys(const KeyTable<Owner>& table) {
  std::vector<KeyInfo> infos;
  for (const auto& key : table) {
    const auto value = key.type.write(Owner{});
    nlohmann::ordered_json schema = {{"description", key.text}};
    for (const auto& [name, rule] : key.type.schema.items()) schema[name] = rule;
    if (!value.is_null()) schema["default"] = value;
    std::string fallback(key.fallback);
    if (fallback.empty() && !value.is_null())
      fallback = value.is_string() ? value.template get<std::string>() : value.dump();
    infos.push_back({std::string(key.name), std::move(fallback), key.type.range, std::string(key.text),
                     key.fallback == kRequired, key.use.is_in_test, std::move(schema), key.type.members});
  }
  return infos;
}

/// The keys whose values are lists.
template <typename Owner>
std::vector<std::string_view> list_keys(const KeyTable<Owner>& table) {
  std::vector<std::string_view> names;
  for (const auto& key : table) {
    if (key.type.is_list) names.push_back(key.name);
  }
  return names;
}

}  // namespace wsbench::config
