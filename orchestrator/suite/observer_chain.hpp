#pragma once

#include <vector>

#include "orchestrator/suite/observer.hpp"

namespace wsbench::suite {

/// Tells several observers, in order. Used from the suite's thread; they must outlive it.
class ObserverChain final : public Observer {
 public:
  void add(Observer& observer) { observers_.push_back(&observer); }

  void began(const results::Manifest& manifest, const results::SuiteResult& so_far) override {
    for (auto* observer : observers_) observer->began(manifest, so_far);
  }
  void notice(std::string_view line) override {
    for (auto* observer : observers_) observer->notice(line);
  }
  void entered(const TurnView& view) override {
    for (auto* observer : observers_) observer->entered(view);
  }
  void progressed(const TurnView& view, const client::Snapshot& snapshot) override {
    for (auto* observer : observers_) observer->progressed(view, snapshot);
  }
  void sampled(const TurnView& view, const contestants::ServerSample& sample) override {
    for (auto* observer : observers_) observer->sampled(view, sample);
  }
  void ended(const TurnView& view, const results::RoundResult& result) override {
    for (auto* observer : observers_) observer->ended(view, result);
  }

 private:
  std::vector<Observer*> observers_;
};

}  // namespace wsbench::suite
