#include "store/event/block.hpp"

namespace wsbench::event {

Block::Block() {
  times_.reserve(kCapacity);
  values_.reserve(kCapacity);
  clients_.reserve(kCapacity);
  sequences_.reserve(kCapacity);
  kinds_.reserve(kCapacity);
}

void Block::clear() noexcept {
  info = {};
  times_.clear();
  values_.clear();
  clients_.clear();
  sequences_.clear();
  kinds_.clear();
}

}  // namespace wsbench::event
