#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <tinyxml2.h>
#include <tl/expected.hpp>

#include "rpc/value.hpp"

namespace wsbench::rpc {

// The decoder's inner part: from tinyxml2's elements to values. It includes tinyxml2, so only the .cpp files
// of the decoder may include it.

/// What is wrong, and inside which elements; each level puts its own name in front with inside().
struct Problem {
  std::string where;
  std::string what;
};

template <typename T>
using Decoded = tl::expected<T, Problem>;

using Elements = std::vector<const tinyxml2::XMLElement*>;

tl::unexpected<Problem> problem(std::string what);
tl::unexpected<Problem> inside(std::string_view place, Problem inner);

/// The elements in a node, which may hold nothing else but white space.
Decoded<Elements> elements_in(const tinyxml2::XMLNode& node);

/// The elements in a node, which must be these in this order.
Decoded<Elements> exactly(const tinyxml2::XMLNode& node, std::initializer_list<std::string_view> names);

/// The elements in a node, any number and all of this name.
Decoded<Elements> all_named(const tinyxml2::XMLNode& node, std::string_view name);

/// The text of an element that holds no element.
Decoded<std::string> text_of(const tinyxml2::XMLElement& element);

std::string_view trimmed(std::string_view text);

/// What a <value> holds; nesting counts the arrays and structs around it.
Decoded<Value> value_from(const tinyxml2::XMLElement& element, std::size_t nesting = 0);

}  // namespace wsbench::rpc
