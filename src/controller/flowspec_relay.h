// FlowSpecRelay: members' flow specifications between the sessions that bring them and those that
// are told of them: FlowSpecTable over the routes of RouteServer, and its changes as UPDATEs.
//
//   RFC 8955 §6, RFC 9117   a rule is judged by the announcing member's unicast routes, and again
//                           when unicast routes change
//   RFC 4724 §2             what a session is told first ends with an End-of-RIB of each family
//   RFC 2918, 7313          refreshes, and what goes before and after them
//
// Rules do not outlive their session: no restarting is offered for them. While there is no rule,
// unicast updates cost one comparison. While there are, each notes its prefixes, and settle()
// judges the rules over and under them once for all that was noted. The first rule builds an index
// of all prefixes (prefix_index.h); it stays for kIdleUpdates updates after the last rule is gone,
// so that a rule that comes and goes does not build it each time.
//
// Control thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "bgp/family_set.h"
#include "bgp/flowspec_validation.h"
#include "bgp/update_message.h"
#include "controller/prefix_index.h"
#include "exchange/exchange.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "net/prefix.h"
#include "routeserver/flowspec_table.h"
#include "routeserver/peer.h"
#include "routeserver/route_server.h"

namespace fabrix::controller {

class FlowSpecRelay {
 public:
  static constexpr std::uint32_t kIdleUpdates = 10'000;

  // Both must outlive the relay.
  FlowSpecRelay(const exchange::Exchange& exchange, const routeserver::RouteServer& server);
  ~FlowSpecRelay() = default;
  FlowSpecRelay(const FlowSpecRelay&) = delete;
  FlowSpecRelay& operator=(const FlowSpecRelay&) = delete;
  FlowSpecRelay(FlowSpecRelay&&) = delete;
  FlowSpecRelay& operator=(FlowSpecRelay&&) = delete;

  // The exchange is another one now, and so is the route server.
  void reconfigured();

  // `families` are those of which the session exchanges rules; none: it has no business here.
  void session_up(routeserver::PeerId peer, const routeserver::SessionInfo& info,
                  bgp::FamilySet families);
  void session_down(routeserver::PeerId peer);
  void refresh(routeserver::PeerId peer, net::Family family);

  // Whether update() must know of it.
  bool concerns(const bgp::UpdateMessage& update) const {
    return watching_ || !update.flowspec.empty();
  }
  // The route server has it already.
  void update(routeserver::PeerId peer, const bgp::UpdateMessage& update);
  // Unicast routes changed by other means than an update.
  void unicast_changed();

  bool needs_settling() const { return news_; }
  // Judges what is to be judged again. Sessions may have output after that.
  void settle();

  bool has_output(routeserver::PeerId peer) const;
  // Whole messages to send next; empty: nothing for now.
  std::vector<std::byte> output(routeserver::PeerId peer);
  // Families that the session is to be asked for again: rules were refused, and there is room now.
  bgp::FamilySet take_wanted(routeserver::PeerId peer);

  // For people.
  const routeserver::FlowSpecTable& table() const { return table_; }

 private:
  struct Session {
    routeserver::SessionInfo info;
    bgp::FamilySet families;
    bgp::FamilySet ends_due;                     // End-of-RIB
    bgp::FamilySet refreshing;                   // told again, between BoRR and EoRR
    bgp::FamilySet wanted;                       // to be asked for
    std::deque<std::vector<std::byte>> waiting;  // encoded; some whole messages each
  };

  std::optional<bgp::FlowSpecBestMatch> best_match(net::ParticipantId client,
                                                   const net::Prefix& destination) const;
  bool others_have_more_specific(net::ParticipantId client, const net::Prefix& destination);
  void take_rules(routeserver::PeerId peer, const bgp::FlowSpecRoutes& routes,
                  const bgp::AttributesPtr& attributes);
  void note_unicast(const bgp::UpdateMessage& update);
  void note(const net::Prefix& prefix);
  void ask_refused();
  void compose(routeserver::PeerId peer, Session& session);

  const exchange::Exchange& exchange_;
  const routeserver::RouteServer& server_;
  PrefixIndex index_;
  routeserver::FlowSpecTable table_;
  std::map<routeserver::PeerId, Session> sessions_;
  std::vector<net::Prefix> changed_;  // unicast prefixes since the last settle()
  bool all_changed_ = false;          // more than were worth noting
  bool watching_ = false;             // there are rules, or an index to keep up
  std::uint32_t idle_ = 0;            // updates since there are no rules
  bool news_ = false;
};

}  // namespace fabrix::controller
