#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace wsbench::rpc {

// What XML 1.0 may hold (its section 2.2) and what is put in the place of the rest. A replacement is as long
// as what it replaces: '?' for a control byte or a byte that is not UTF-8, U+FFFD for a surrogate, U+FFFE or
// U+FFFF. So the size of a log text still tells which bytes of the log it stands for.

/// Appends text as XML character data: & < > and carriage returns as references, forbidden bytes replaced.
void append_escaped(std::string& out, std::string_view text);

/// The text with forbidden bytes replaced and nothing escaped: fit for a message or a terminal.
std::string printable(std::string_view text);

struct DocumentLimits {
  std::size_t max_bytes = 64U << 20U;
  std::size_t max_elements = 2'000'000;
  std::size_t max_depth = 95;  ///< nested elements; tinyxml2 9 stops at 100
};

/// Rewrites a document that only nearly is XML into one that tinyxml2 reads to the letter: forbidden bytes
/// and references to them replaced, references resolved, CDATA turned into text, comments and processing
/// instructions dropped, white space and carriage returns kept by writing them as references.
/// Tags are checked to be balanced. The error is one line that says where and what.
tl::expected<std::string, std::string> normalise_document(std::string_view document,
                                                          const DocumentLimits& limits = {});

}  // namespace wsbench::rpc
