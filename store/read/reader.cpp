#include "store/read/reader.hpp"

#include "store/read/cursor.hpp"

namespace wsbench::store {

Result<void> scan_blocks(const Run& run, std::string_view contestant, const Selection& selection,
                         const std::function<bool(const event::Block&)>& visit) {
  auto cursor = Cursor::open(run, contestant, selection);
  if (!cursor) return tl::unexpected(cursor.error());
  event::Block block;
  for (;;) {
    const auto found = cursor->next();
    if (!found) return tl::unexpected(found.error());
    if (!*found) return {};
    if (auto read = cursor->read(block); !read) return read;
    if (!visit(block)) return {};
  }
}

}  // namespace wsbench::store
