#include "orchestrator/suite/suite_control.hpp"

#include <utility>

namespace wsbench::suite {

SuiteControl::SuiteControl(std::stop_token stop) : stop_(std::move(stop)) {}

void SuiteControl::skip(const std::string& contestant) {
  const std::lock_guard lock(mutex_);
  skipped_.insert(contestant);
  if (turn_ && turn_->contestant == contestant) turn_->source.request_stop();
}

void SuiteControl::unskip(const std::string& contestant) {
  const std::lock_guard lock(mutex_);
  skipped_.erase(contestant);
}

bool SuiteControl::skips(const std::string& contestant) const {
  const std::lock_guard lock(mutex_);
  return skipped_.contains(contestant);
}

std::stop_token SuiteControl::begin_turn(const std::string& contestant) {
  const std::lock_guard lock(mutex_);
  turn_.emplace(contestant, stop_);
  if (skipped_.contains(contestant)) turn_->source.request_stop();
  return turn_->source.get_token();
}

}  // namespace wsbench::suite
