#include "orchestrator/control/web/request_parser.hpp"

#include <algorithm>

#include <websocketpp/processors/processor.hpp>

#include "orchestrator/control/web/http_text.hpp"

namespace wsbench::control::web {

namespace {

constexpr std::string_view kEnd = "\r\n\r\n";

Response refusal(int status, std::string text) {
  Response response;
  response.status = status;
  response.body = std::move(text) + "\n";
  return response;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

/// "localhost", "10.0.0.2:9002", "[::1]:9002"
bool is_host(const std::string& text) {
  if (text.find_first_of(", \t/@?#") != std::string::npos) return false;
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == std::string::npos ? 0 : bracket);
  if (colon == std::string::npos || colon + 1 == text.size()) return true;
  const std::string port = text.substr(colon + 1);
  return is_number(port) && port.size() <= 5 && std::stoi(port) >= 1 && std::stoi(port) <= 65535;
}

bool has_control_characters(std::string_view head) {
  return std::any_of(head.begin(), head.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\r' && c != '\n' && c != '\t') || c == '\x7F';
  });
}

/// Where the header Host would have to be inserted: behind the request line. npos when there is a Host
/// already, or when the request is not of HTTP/1.0.
std::size_t place_for_host(const std::string& head) {
  constexpr std::string_view kVersion = " HTTP/1.0";
  const std::size_t line = head.find("\r\n");
  const bool is_old =
      line >= kVersion.size() && head.compare(line - kVersion.size(), kVersion.size(), kVersion) == 0;
  if (!is_old) return std::string::npos;
  const bool has_host = lower_case(head).find("\r\nhost:") != std::string::npos;
  return has_host ? std::string::npos : line + 2;
}

}  // namespace

std::size_t RequestParser::consume(const char* bytes, std::size_t size) {
  if (is_head_whole_) {
    const std::size_t before = get_body().size();
    if (auto problem = feed(bytes, size)) fail(std::move(*problem));
    return problem_ ? size : get_body().size() - before;
  }
  const std::size_t had = head_.size();
  head_.append(bytes, size);
  // RFC 9112, section 2.2: empty lines before a request are to be borne.
  const std::size_t begin = std::min(head_.find_first_not_of("\r\n"), head_.size());
  const std::size_t end = head_.find(kEnd, begin);
  if (std::min(end, head_.size()) > websocketpp::http::max_header_size) {
    fail(refusal(431, "The headers are too large."));
    return size;
  }
  if (end == std::string::npos) return size;

  is_head_whole_ = true;
  const std::size_t used = end + kEnd.size() - had;
  std::string head = head_.substr(begin, end + kEnd.size() - begin);
  head_ = std::string();
  if (has_control_characters(head)) {
    fail(refusal(400, "Control characters in the head."));
    return size;
  }
  if (const std::size_t place = place_for_host(head); place != std::string::npos) {
    head.insert(place, "Host: localhost\r\n");
    is_host_invented_ = true;
  }
  auto problem = feed(head.data(), head.size());
  // websocketpp reads a length of -1 as the largest.
  if (!problem || problem->status == 413) {
    if (auto found = problem_of_head()) problem = std::move(found);
  }
  if (problem) {
    fail(std::move(*problem));
    return size;
  }
  return request::ready() ? used : used + consume(bytes + used, size - used);
}

bool RequestParser::ready() const noexcept {
  return problem_.has_value() || request::ready();
}

const Response* RequestParser::problem() const noexcept {
  return problem_ ? &*problem_ : nullptr;
}

std::optional<Response> RequestParser::feed(const char* bytes, std::size_t size) {
  try {
    request::consume(bytes, size);
    return std::nullopt;
  } catch (const websocketpp::http::exception& error) {
    return refusal(error.m_error_code, error.m_error_msg);
  }
}

std::optional<Response> RequestParser::problem_of_head() const {
  if (get_version() != "HTTP/1.1" && get_version() != "HTTP/1.0") {
    return get_version().compare(0, 5, "HTTP/") == 0 ? refusal(505, "HTTP/1.1 is spoken here.")
                                                     : refusal(400, "No HTTP version.");
  }
  if (!is_host(get_header("Host"))) return refusal(400, "The Host is not a host and a port.");
  if (!get_header("Transfer-Encoding").empty()) return refusal(411, "A Content-Length is required.");
  if (const std::string& length = get_header("Content-Length"); !length.empty() && !is_number(length)) {
    return refusal(400, "The Content-Length is not a number.");
  }
  if (websocketpp::processor::is_websocket_handshake(*this) && get_header("Sec-WebSocket-Version") != "13") {
    Response response = refusal(426, "WebSocket version 13 is spoken here.");
    response.headers = {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}};
    return response;
  }
  return std::nullopt;
}

void RequestParser::fail(Response response) {
  is_head_whole_ = true;
  head_ = std::string();
  problem_ = std::move(response);
  // websocketpp looks at these before it asks for an answer, and must find a plain request.
  remove_header("Upgrade");
  replace_header("Host", "localhost");
  set_uri("/");
}

}  // namespace wsbench::control::web
