// Controller: the one place that owns an exchange's state and changes it.
//
//     sessions --> RouteServer --reachability--> Compiler <-- policies
//                       |                           | Program
//                    publish                     validate
//                       ^                           v
//                    UPDATEs  <--installed--     Fabric
//
// Everything goes round one way. Events (sessions, updates, policies, ports) only note what
// changed; settle() then compiles, validates and installs one new Program for all of it, and when
// the fabric has it, the route server is allowed to tell the members. While an install is under way
// further changes wait for the next round. A Program that fails validation, or that the fabric
// refuses, is never used: the policy change that caused it is taken back; if no policy change did,
// the exchange falls back to a plain route server without policies and says so.
//
// ARP requests and neighbour solicitations for virtual next hops are answered here, per ingress
// port, at a bounded rate.
//
// Control thread only. Callbacks run inside the calls that cause them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "compiler/compiler.h"
#include "controller/neighbor_responder.h"
#include "exchange/exchange.h"
#include "fabric/fabric.h"
#include "policy/policy.h"
#include "program/program.h"
#include "routeserver/route_server.h"
#include "verify/world.h"

namespace fabrix::controller {

// What happened, for the log and for people; the newest kMaxNotices are kept.
struct Notice {
  Severity severity = Severity::kNote;
  std::string text;
};

struct Counters {
  std::uint64_t rounds = 0;            // Programs compiled
  std::uint64_t installs = 0;          // Programs installed
  std::uint64_t refused = 0;           // Programs that failed validation or that the fabric refused
  std::uint64_t neighbor_answers = 0;  // ARP and ND
};

class Controller {
 public:
  using Clock = std::chrono::steady_clock;
  using PolicyResult = Result<std::vector<Diagnostic>, std::vector<Diagnostic>>;

  // Both must outlive the controller, which takes over the fabric's callbacks.
  Controller(const exchange::Exchange& exchange, fabric::Fabric& fabric);
  ~Controller();
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  // Sessions.
  void session_up(routeserver::PeerId peer, const routeserver::SessionInfo& info);
  void session_down(routeserver::PeerId peer);
  routeserver::UpdateResult update(routeserver::PeerId peer, const bgp::UpdateMessage& update);
  void refresh(routeserver::PeerId peer, net::Family family);
  std::vector<std::byte> pull(routeserver::PeerId peer) { return route_server_.pull(peer); }

  // Replaces a participant's policy by the one of this text, or removes it. Success carries
  // warnings; on failure the old policy stays. Takes part in the next round.
  PolicyResult set_policy(net::ParticipantId participant, std::string_view text,
                          std::string_view file);
  void remove_policy(net::ParticipantId participant);

  // A port came up or went down, as the fabric also reports by itself.
  void set_port(net::RouterId router, bool up);

  // Carries out what has changed. Cheap when nothing has.
  void settle(Clock::time_point now);
  bool needs_settling() const;

  // Something changed: call settle() soon (from the loop, so that a burst becomes one round).
  std::function<void()> on_change;
  // The session has something to pull.
  std::function<void(routeserver::PeerId)> on_output;
  std::function<void(const Notice&)> on_notice;

  // For people, `fabrix trace`, tests.
  const exchange::Exchange& exchange() const { return *exchange_; }
  const routeserver::RouteServer& route_server() const { return route_server_; }
  const compiler::Compiler& compiler() const { return compiler_; }
  const fabric::Fabric& fabric() const { return *fabric_; }
  const verify::World& world() const { return world_; }
  const program::ProgramPtr& installed() const { return installed_; }
  const std::vector<Notice>& notices() const { return notices_; }
  const Counters& counters() const { return counters_; }
  // The text a participant's policy was made from; null if it has none.
  const std::string* policy_text(net::ParticipantId participant) const;
  // The next hop that `client` is told for `prefix`; none: it has no route.
  std::optional<net::IpAddress> next_hop(net::ParticipantId client,
                                         const net::Prefix& prefix) const;

 private:
  struct Accepted {  // a policy and where it came from
    std::shared_ptr<const policy::Policy> policy;
    std::string text;
    std::string file;
  };
  struct Round {  // what one Program brings
    program::ProgramPtr program;
    std::vector<net::Prefix> prefixes;
    std::vector<net::ParticipantId> clients;  // whose policy changed
  };

  PolicyResult apply_policy(net::ParticipantId participant, Accepted accepted);
  void changed();
  void notice(Severity severity, std::string text);
  void take_frame(net::PortNo port, std::span<const std::byte> frame);
  void take_port(net::PortNo port, bool up);
  bool is_right(const program::Program& program);
  void install(Clock::time_point now);
  void installed(Round round, Result<void> outcome);
  void refuse(const Round& round, const std::string& why);
  void publish(const Round& round);

  const exchange::Exchange* exchange_;
  fabric::Fabric* fabric_;
  routeserver::RouteServer route_server_;
  compiler::Compiler compiler_;
  verify::World world_;
  NeighborResponder responder_;
  std::vector<Accepted> policies_;                    // by participant
  std::vector<std::optional<Accepted>> last_good_;    // by participant: to go back to
  std::vector<net::ParticipantId> changed_policies_;  // since the last round
  std::vector<net::Prefix> carried_;                  // of a refused round, for the next one
  program::ProgramPtr installed_;
  bool dirty_ = true;  // the first Program is due
  bool installing_ = false;
  std::vector<Notice> notices_;
  Counters counters_;
  // Answers of a fabric that outlives us must not reach us.
  std::shared_ptr<Controller*> self_;
};

// Notices kept for people.
inline constexpr std::size_t kMaxNotices = 200;

}  // namespace fabrix::controller
