#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "rpc/error.hpp"
#include "rpc/value.hpp"

namespace wsbench::rpc {

// XML-RPC documents (xmlrpc.com/spec, with nil and i8), for a client and for a server. Pure functions,
// thread-safe.
//
// Strings are bytes meant as UTF-8. What XML forbids in them is replaced in both directions, byte for byte
// ('?' for a control byte or one that is not UTF-8, U+FFFD for U+FFFE, U+FFFF and surrogates); white space
// and carriage returns are kept.

/// Arrays and structs in one another, at most; a deeper document is malformed.
inline constexpr std::size_t kMaxNesting = 30;

struct CodecLimits {
  std::size_t max_bytes = 64U << 20U;
  std::size_t max_elements = 2'000'000;  ///< bounds the memory that a small document can claim
};

std::string encode_call(const Call& call);
std::string encode_response(const Value& value);
std::string encode_fault(int code, std::string_view message);

/// The error is of kind malformed and says where in the document.
tl::expected<Call, Error> decode_call(std::string_view document, const CodecLimits& limits = {});

/// The one value of a response. Its fault comes as an error of kind fault whose message is the faultString.
tl::expected<Value, Error> decode_response(std::string_view document, const CodecLimits& limits = {});

}  // namespace wsbench::rpc
