#include "rpc/url.hpp"

#include <charconv>
#include <memory>

#include <curl/curl.h>

namespace wsbench::rpc {
namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
struct TextDeleter {
  void operator()(char* text) const noexcept { curl_free(text); }
};
using Text = std::unique_ptr<char, TextDeleter>;

}  // namespace

tl::expected<Url, std::string> parse_url(const std::string& text) {
  const std::unique_ptr<CURLU, UrlDeleter> parsed(curl_url());
  CURLUcode code = parsed == nullptr
                       ? CURLUE_OUT_OF_MEMORY
                       : curl_url_set(parsed.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
  const auto part = [&](CURLUPart which, CURLUcode absent = CURLUE_OK) -> std::optional<std::string> {
    if (code != CURLUE_OK) return std::nullopt;
    char* found = nullptr;
    const CURLUcode got = curl_url_get(parsed.get(), which, &found, CURLU_URLDECODE);
    const Text owned(found);
    if (got == CURLUE_OK) return std::string(found);
    if (got != absent) code = got;
    return std::nullopt;
  };
  Url url;
  url.scheme = part(CURLUPART_SCHEME).value_or("");
  url.user = part(CURLUPART_USER, CURLUE_NO_USER);
  url.password = part(CURLUPART_PASSWORD, CURLUE_NO_PASSWORD);
  url.host = part(CURLUPART_HOST).value_or("");
  if (const auto zone = part(CURLUPART_ZONEID, CURLUE_NO_ZONEID))
    url.host.insert(url.host.size() - 1, "%" + *zone);
  if (const auto port = part(CURLUPART_PORT, CURLUE_NO_PORT)) {
    std::from_chars(port->data(), port->data() + port->size(), url.port.emplace());
  }
  url.path = part(CURLUPART_PATH).value_or("");
  url.query = part(CURLUPART_QUERY, CURLUE_NO_QUERY).value_or("");
  url.fragment = part(CURLUPART_FRAGMENT, CURLUE_NO_FRAGMENT).value_or("");
  if (code == CURLUE_URLDECODE) return tl::unexpected<std::string>("a control character in the URL");
  if (code != CURLUE_OK) return tl::unexpected<std::string>(curl_url_strerror(code));
  if (url.port == 0) return tl::unexpected<std::string>("the port must be from 1 to 65535");
  return url;
}

std::string percent_encoded(std::string_view text) {
  if (text.empty()) return {};  // libcurl would look for a terminating 0
  const Text encoded(curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())));
  return encoded == nullptr ? "" : encoded.get();
}

}  // namespace wsbench::rpc
