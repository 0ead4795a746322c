#pragma once

#include <array>

#include <nlohmann/json_fwd.hpp>

#include "client/plan.hpp"
#include "orchestrator/config/object_reader.hpp"
#include "orchestrator/config/suite_config.hpp"

namespace wsbench::config {

constexpr std::array<Spelling<client::Mode>, 2> kModes{
    {{client::Mode::open, "open"}, {client::Mode::closed, "closed"}}};
constexpr std::array<Spelling<client::Arrivals>, 2> kArrivals{
    {{client::Arrivals::uniform, "uniform"}, {client::Arrivals::exponential, "exponential"}}};
constexpr std::array<Spelling<client::transport::Kind>, 4> kTransports{
    {{client::transport::Kind::automatic, "auto"},
     {client::transport::Kind::io_uring, "io_uring"},
     {client::transport::Kind::epoll, "epoll"},
     {client::transport::Kind::asio, "asio"}}};
constexpr std::array<Spelling<Order>, 2> kOrders{{{Order::listed, "listed"}, {Order::shuffled, "shuffled"}}};

/// The suite that a document describes, and what is wrong with it; the config is of use only when nothing is.
/// Its name is left empty. Precondition: the document is an object.
Config read_config(const nlohmann::json& document, ConfigFindings& findings);

}  // namespace wsbench::config
