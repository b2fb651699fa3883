// Replay: an MRT file (RFC 6396) through route server, compiler and verifier, with an exchange's
// policies, offline: what would have been proved, refused and installed, and how long it took.
//
// Peers are known by address, or else by AS number (mrt_peers.h); records of others are skipped and
// counted. Table dumps, old and new, and updates may follow each other. What happened within one
// second is one batch, of at most kMaxBatch records: each is compiled, verified and installed on
// the simulated fabric.
//
// Deterministic but for the times. Not thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "controller/controller.h"
#include "exchange/exchange.h"
#include "fabric/simulated.h"
#include "lab/mrt_peers.h"
#include "monitoring/mrt.h"

namespace fabrix::lab {

struct ReplayReport {
  std::size_t records = 0;
  std::size_t updates = 0;  // routes of table dumps, and UPDATE messages
  std::size_t unknown = 0;  // of peers that the exchange does not have
  struct Peers {
    std::size_t by_address = 0;
    std::size_t by_asn = 0;
    std::size_t unknown = 0;
    std::vector<std::string> unknown_names;  // some

    // The file has peers, and none is of the exchange.
    bool all_strangers() const { return by_address + by_asn == 0 && unknown > 0; }
  } peers;
  std::size_t unusable = 0;  // malformed, or of another kind
  std::size_t batches = 0;
  std::size_t rule_changes = 0;          // rows added, removed or modified
  std::size_t refused = 0;               // Programs
  std::chrono::microseconds slowest{0};  // batch
  std::chrono::microseconds total{0};    // of all batches
  std::vector<std::string> notices;      // what the controller had to say: the newest
  bool is_cut_short = false;             // the file ends within a record
};

class Replay {
 public:
  static constexpr std::size_t kMaxBatch = 10'000;

  explicit Replay(const exchange::Exchange& exchange);
  Replay(const Replay&) = delete;
  Replay(Replay&&) = delete;
  Replay& operator=(const Replay&) = delete;
  Replay& operator=(Replay&&) = delete;
  ~Replay() = default;

  controller::Controller& controller() { return controller_; }

  ReplayReport run(std::span<const std::byte> file);

 private:
  using Clock = controller::Controller::Clock;

  void take(const monitoring::MrtRecord& record);
  void take_body(const monitoring::PeerIndexTable& table);
  void take_body(const monitoring::RibRecord& rib);
  void take_body(const monitoring::MessageRecord& record);
  void take_body(const monitoring::StateChangeRecord& change);
  void take_body(const monitoring::UnknownRecord& record);
  // A route of a table; one UPDATE.
  struct TableRoute {
    net::IpAddress peer = net::IpAddress::unspecified(net::Family::kIpv4);
    net::Asn asn;
    net::Prefix prefix = net::Prefix::all(net::Family::kIpv4);
    net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);
    bgp::AttributesPtr attributes;  // not null
  };
  void take_route(TableRoute route);
  void take_update(const MrtPeers::Match& peer, bgp::UpdateMessage update);
  void settle();

  const exchange::Exchange& exchange_;
  fabric::SimulatedFabric fabric_;
  controller::Controller controller_;
  monitoring::PeerIndexTable table_peers_;
  MrtPeers peers_;
  ReplayReport report_;
  std::size_t in_batch_ = 0;
};

}  // namespace fabrix::lab
