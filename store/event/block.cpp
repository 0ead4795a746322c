#include "store/event/block.hpp"

#include <cassert>

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

Block::Columns Block::resize(std::size_t size) noexcept {
  assert(size <= kCapacity);
  times_.resize(size);
  values_.resize(size);
  clients_.resize(size);
  sequences_.resize(size);
  kinds_.resize(size);
  return {times_.data(), values_.data(), clients_.data(), sequences_.data(), kinds_.data()};
}

}  // namespace wsbench::event
