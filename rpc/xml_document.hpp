#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace wsbench::rpc {

struct DocumentOptions {
  std::size_t max_bytes = 64U << 20U;
  std::size_t max_elements = 2'000'000;  ///< bounds the memory that a small document can claim
  std::size_t max_depth = 95;            ///< nested elements; tinyxml2 9 stops at 100
};

/// Rewrites a document that is nearly XML into one that tinyxml2 reads to the letter: forbidden bytes and
/// references to them are replaced, references resolved, CDATA turned into text, comments and processing
/// instructions dropped; white space and carriage returns become references, so that the parser keeps them.
/// Checks that tags are balanced. Reads UTF-8 and, where the declaration says so, ISO-8859-1. The error is
/// one line that says where and what, and quotes little.
tl::expected<std::string, std::string> normalise_document(std::string_view document,
                                                          const DocumentOptions& options = {});

}  // namespace wsbench::rpc
