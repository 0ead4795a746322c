#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "rpc/error.hpp"
#include "rpc/value.hpp"
#include "rpc/xml_document.hpp"

namespace wsbench::rpc {

// XML-RPC documents (xmlrpc.com/spec, with nil and i8), for a client and for a server. Pure functions,
// thread-safe.
//
// Strings are UTF-8. In both directions, what XML forbids in them is replaced byte for byte: a control byte
// or one that is not UTF-8 by '?'; U+FFFE, U+FFFF and surrogates by U+FFFD. White space and carriage returns
// are kept. Integers have up to 64 bits, whether <int>, <i4> or <i8>.

/// How deep arrays and structs may be nested; a deeper document is malformed.
inline constexpr std::size_t kMaxNesting = 30;

std::string encode_call(const Call& call);
std::string encode_response(const Value& value);
std::string encode_fault(int code, std::string_view message);

/// The error is of kind malformed, says where in the document, and quotes little of it.
Result<Call> decode_call(std::string_view document, const DocumentOptions& options = {});

/// The one value of a response. A fault becomes an error of kind fault with the faultString as its message.
Result<Value> decode_response(std::string_view document, const DocumentOptions& options = {});

/// The error that {faultCode, faultString} stands for, with at most 1,000 bytes of the faultString; nothing
/// when the value is of another shape.
std::optional<Error> fault_in(const Value& value);

}  // namespace wsbench::rpc
