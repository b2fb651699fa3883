// Outbox: what one router is told, and what of it is still to be said.
//
// A prefix or a rule that changes several times before its turn is told once, as it is then. What
// was told in a session that is over is told again in the next one. Routes come before flow
// specifications, which routers check against them (RFC 8955 §6). Pure.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <vector>

#include "bgp/flowspec.h"
#include "bgp/session.h"
#include "net/prefix.h"
#include "speaker/announcement.h"

namespace fabrix::speaker {

class Outbox {
 public:
  static constexpr std::size_t kBatch = 1024;  // prefixes or rules of one next()

  void announce(const net::Prefix& prefix, const Announcement& route);
  // Whether it was announced.
  bool withdraw(const net::Prefix& prefix);
  void announce_flow(const bgp::FlowSpecRule& rule, const FlowAnnouncement& flow);
  bool withdraw_flow(const bgp::FlowSpecRule& rule);

  const Announcement* find(const net::Prefix& prefix) const;
  bool has_flow(const bgp::FlowSpecRule& rule) const { return flows_.contains(rule); }
  std::size_t route_count() const { return routes_.size(); }
  std::size_t flow_count() const { return flows_.size(); }

  // A session begins: all is to be told, and nothing is known to the router.
  void begin(net::Asn local_as, const bgp::Negotiated& agreed);
  // The router asks for all of a family again.
  void repeat(net::Family family, bgp::Safi safi);

  // The next messages; empty: all is told.
  std::vector<std::byte> next();

 private:
  std::vector<std::byte> next_routes();
  std::vector<std::byte> next_flows();
  std::vector<std::byte> next_end();
  bgp::PathAttributes told(const bgp::PathAttributes& attributes) const;

  std::map<net::Prefix, Announcement> routes_;
  std::map<bgp::FlowSpecRule, FlowAnnouncement> flows_;
  std::set<net::Prefix> changed_;  // withdrawn, if it is not in routes_
  std::set<bgp::FlowSpecRule> changed_flows_;
  net::Asn local_as_;
  bgp::Negotiated agreed_;
  bool has_ended_ = true;  // the first round of the session, as its markers say (RFC 4724 §2)
};

}  // namespace fabrix::speaker
