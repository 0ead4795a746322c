#include "orchestrator/control/dashboard/assets.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include <catch2/catch.hpp>

using wsbench::control::dashboard::find_asset;

namespace {

const std::filesystem::path kSource = WSBENCH_DASHBOARD_SOURCE;
constexpr bool kHasDashboard = WSBENCH_HAS_DASHBOARD;

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What the page's files ask the server for: href="/..." and src="/..." of the page, './x.js' of a module.
std::set<std::string> requested_paths() {
  std::set<std::string> paths;
  const auto gather = [&](const std::string& text, const std::regex& pattern, const std::string& before) {
    for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match) {
      paths.insert(before + (*match)[1].str());
    }
  };
  gather(read(kSource / "index.html"), std::regex("(?:href|src)=\"(/dashboard/[^\"]+)\""), "");
  for (const auto& entry : std::filesystem::directory_iterator(kSource)) {
    if (entry.path().extension() == ".js")
      gather(read(entry.path()), std::regex("from '\\./([^']+)'"), "/dashboard/");
  }
  return paths;
}

}  // namespace

TEST_CASE("the root is a page, or a line that says that there is none") {
  const auto* root = find_asset("/");
  REQUIRE(root != nullptr);
  CHECK(root->path == "/");
  CHECK(root->content_type == (kHasDashboard ? "text/html; charset=utf-8" : "text/plain; charset=utf-8"));
}

TEST_CASE("what is no asset is not found") {
  for (const auto* path : {"", "/index.html", "/dashboard", "/dashboard/", "/dashboard/../", "//",
                           "/dashboard/embed.py", "/dashboard/MAIN.JS"}) {
    CAPTURE(path);
    CHECK(find_asset(path) == nullptr);
  }
}

TEST_CASE("a compressed asset begins as gzip does, and is smaller than its file") {
  const auto* page = find_asset(kHasDashboard ? "/dashboard/dashboard.css" : "/");
  REQUIRE(page != nullptr);
  const auto text = read(kSource / (kHasDashboard ? "dashboard.css" : "not_built.txt"));
  if (page->gzipped) {
    CHECK(page->bytes.substr(0, 3) == std::string_view("\x1f\x8b\x08"));
    CHECK(page->bytes.size() < text.size());
  } else {
    CHECK(page->bytes == text);
  }
  CHECK(page->gzipped == kHasDashboard);
}

TEST_CASE("everything that the page asks for is there, of a known type and with an ETag of its own") {
  if (!kHasDashboard) return;
  const auto paths = requested_paths();
  CHECK(paths.count("/dashboard/main.js") == 1);
  CHECK(paths.count("/dashboard/echarts.js") == 1);
  std::set<std::string_view> etags;
  for (const auto& path : paths) {
    CAPTURE(path);
    const auto* asset = find_asset(path);
    REQUIRE(asset != nullptr);
    CHECK(asset->path == path);
    CHECK_FALSE(asset->bytes.empty());
    CHECK(asset->etag.size() == 34);
    CHECK(asset->etag.front() == '"');
    CHECK(asset->etag.back() == '"');
    etags.insert(asset->etag);
    if (path.ends_with(".js")) CHECK(asset->content_type == "text/javascript; charset=utf-8");
  }
  CHECK(etags.size() == paths.size());
}
