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
// further changes wait for the next round, and members hear nothing. A Program that fails
// validation, or that the fabric refuses, is never used: the policy changes that came with it are
// taken back. If there were none, all policies are suspended and the exchange falls back to a plain
// route server, until the next policy change, until the fabric connects anew, or until a change
// kResumeAfter later. Before policies, checks of where packets come from (exchange::SourceRule) are
// suspended in the same way, since their rows follow routes. A plain Program that is refused holds
// nobody up: real next hops need nothing that the Program installed before does not have.
//
// ARP requests and neighbour solicitations for virtual next hops are answered here, per ingress
// port, at a bounded rate; of all ports together, so many are looked at (controller/punt_budget.h).
//
// Control thread only. Callbacks run inside the calls that cause them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "bgp/bad_update.h"
#include "compiler/compiler.h"
#include "controller/first_tables.h"
#include "controller/flowspec_relay.h"
#include "controller/fsm_readings.h"
#include "controller/fsm_states.h"
#include "controller/neighbor_responder.h"
#include "controller/port_drops.h"
#include "controller/punt_budget.h"
#include "controller/query_counters.h"
#include "controller/read_policy.h"
#include "controller/told_next_hops.h"
#include "controller/watcher.h"
#include "exchange/exchange.h"
#include "fabric/fabric.h"
#include "policy/policy.h"
#include "program/program.h"
#include "routeserver/route_server.h"
#include "verify/verifier.h"
#include "verify/world.h"

namespace fabrix::controller {

// What happened, for the log and for people; the newest kMaxNotices are kept.
struct Notice {
  Severity severity = Severity::kNote;
  std::string text;
};

struct Counters {
  std::uint64_t rounds = 0;            // compilations
  std::uint64_t installs = 0;          // Programs installed
  std::uint64_t refused = 0;           // Programs that failed validation or that the fabric refused
  std::uint64_t neighbor_answers = 0;  // ARP and ND
  std::uint64_t events = 0;            // of policies with fsms
  std::uint64_t refused_events = 0;
  std::uint64_t audits = 0;  // times that the fabric was read
  std::uint64_t drifts = 0;  // and had something else than was installed
};

// Of each participant's policy the newest are kept.
inline constexpr std::size_t kMaxTransitionsKept = 32;

class Controller {
 public:
  using Clock = std::chrono::steady_clock;
  using PolicyResult = Result<std::vector<Diagnostic>, std::vector<Diagnostic>>;

  // The fabric must outlive the controller, which takes over its callbacks.
  Controller(const exchange::Exchange& exchange, fabric::Fabric& fabric);
  ~Controller();
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;
  Controller(Controller&&) = delete;
  Controller& operator=(Controller&&) = delete;

  // Another configuration takes the place of the present one. It is a plan's (exchange/reload.h):
  // what is the same has the same id. Sessions of routers that are no longer there, or not the
  // same, count as down. Routes, policies and virtual next hops of what stays, stay, and members
  // hear of no change before the fabric has the new configuration's Program.
  //
  // The policies that make no sense any more, such as one that names a removed member: their
  // participants are without policy from now on.
  struct LostPolicy {
    net::ParticipantId participant;
    std::string text;
    std::vector<Diagnostic> why;
  };
  std::vector<LostPolicy> reconfigure(exchange::Exchange next);

  // What the import filters know besides the configuration: see RouteServer::set_import_data().
  void set_import_data(routeserver::ImportData data,
                       const routeserver::RouteServer::Affected& affected = nullptr);

  // Sessions.
  // `flowspec` are the families of which it exchanges rules (RFC 8955).
  void session_up(routeserver::PeerId peer, const routeserver::SessionInfo& info,
                  bgp::FamilySet flowspec = {});
  void session_down(routeserver::PeerId peer);
  // Routes that outlive their session, or are sent again: as RouteServer has them.
  void session_lost(routeserver::PeerId peer, bgp::FamilySet kept);
  void mark_stale(routeserver::PeerId peer, net::Family family);
  void drop_stale(routeserver::PeerId peer, net::Family family);
  void keep_stale_long(routeserver::PeerId peer, net::Family family);
  routeserver::UpdateOutcome update(routeserver::PeerId peer, const bgp::UpdateMessage& update);
  void refresh(routeserver::PeerId peer, net::Family family);
  // What the session has to send next, as RouteServer::output() has it; nothing while the fabric is
  // behind.
  std::vector<std::span<const std::byte>> output(routeserver::PeerId peer);
  bool has_output(routeserver::PeerId peer) const {
    return !ahead_ && (route_server_.has_output(peer) || flowspec_.has_output(peer));
  }
  void sent(routeserver::PeerId peer, std::size_t octets) { route_server_.sent(peer, octets); }
  void shed(routeserver::PeerId peer) { route_server_.shed(peer); }
  std::vector<std::byte> pull(routeserver::PeerId peer);  // all of it at once

  // FlowSpec rules: see FlowSpecRelay. Some whole messages, for after output(); empty: none now.
  void refresh_flowspec(routeserver::PeerId peer, net::Family family);
  std::vector<std::byte> flowspec_output(routeserver::PeerId peer);
  bgp::FamilySet take_wanted_flowspec(routeserver::PeerId peer) {
    return flowspec_.take_wanted(peer);
  }

  // Replaces a participant's policy by the one of this text, or removes it. Success carries
  // warnings; on failure the old policy stays. Takes part in the next round.
  PolicyResult set_policy(net::ParticipantId participant, std::string_view text,
                          std::string_view file);
  void remove_policy(net::ParticipantId participant);

  // Something happened that the fsms of the participant's policy listen to. No other policy is
  // concerned. Success carries what it did; a refused event does nothing. The next round installs
  // it: rows change, and nothing that members are told. Of one policy at most
  // exchange().fsm_instances instances may be out of their initial state.
  struct EventRefusal {
    std::string error;
    std::vector<Diagnostic> diagnostics;  // perhaps none
  };
  using EventResult = Result<std::vector<FsmTransition>, EventRefusal>;
  EventResult event(net::ParticipantId participant, const FsmEvent& event, Clock::time_point now);

  // The fsms of the participant's policy go on from these states, which are of that very policy: as
  // a process before had them. Empty: done; else why not, and nothing changes.
  std::string restore_states(net::ParticipantId participant, const FsmStates& states);

  // A port came up or went down, as the fabric also reports by itself.
  void set_port(net::RouterId router, bool up);

  // What the router's port may be used for from now on: `fabrix port`. One that is not open counts
  // as down: nobody hears of its routes. Its sessions are somebody else's business. It stays so
  // over reconfigurations.
  void set_standing(net::RouterId id, exchange::Standing standing, std::string reason);
  struct PortOrder {
    std::chrono::system_clock::time_point since;
    std::string reason;  // perhaps none
  };
  // The same, since when it was so before.
  void restore_standing(net::RouterId id, exchange::Standing standing, PortOrder order);
  // The same, of a port where foreign MACs keep coming in (controller/port_guard.h): it is counted,
  // people are told, and the order's reason is kLockReason and `what`.
  static constexpr std::string_view kLockReason = "MAC lock: ";
  void lock_port(net::RouterId id, exchange::Standing standing, std::string_view what);
  std::uint64_t locks_of(net::RouterId id) const;
  // What fabrics have sent here to be answered.
  const PuntBudget& punt_budget() const { return punt_budget_; }
  // Ports do not check where packets come from (exchange::SourceRule) until release_checks(): what
  // members announce is not known yet.
  void hold_checks();
  void release_checks();
  // Some port's standing, or its reason, is another.
  std::function<void()> on_standings;
  // Whether the fabric has what was said of the port last. A switch that is not connected counts as
  // one that has, as with all that is installed.
  bool is_in_force(net::RouterId id) const;
  // As far as the fabric has said.
  bool is_port_up(net::PortNo port) const { return !down_.contains(port); }
  // Null: the port is open.
  const PortOrder* port_order(net::RouterId id) const;

  // Carries out what has changed. Cheap when nothing has.
  void settle(Clock::time_point now);
  bool needs_settling() const;
  // Whether the fabric has all that has changed.
  bool is_settled() const { return !needs_settling() && !installing_; }
  // What waits (on_wait) is looked after, as are timeouts of fsms.
  void wake(Clock::time_point now);

  // Asks the fabric what queries have counted: to be called every kReadQueriesEvery. Cheap when
  // nobody has a query.
  void read_queries();
  // The same of what passes ports, and of what they do not let in: every kReadDropsEvery.
  void read_drops();

  // Something changed: call settle() soon (from the loop, so that a burst becomes one round).
  std::function<void()> on_change;
  // Changes wait (FirstTables), or an fsm times out: call wake() then; a new time takes the place
  // of the last. Changes do not wait if nobody listens.
  std::function<void(Clock::time_point)> on_wait;
  // The session has something to pull.
  std::function<void(routeserver::PeerId)> on_output;
  std::function<void(const Notice&)> on_notice;
  // Some policy's fsms may be in other states.
  std::function<void()> on_states;
  // A session sent an UPDATE with something wrong in it. Its routes and its end come otherwise.
  std::function<void(routeserver::PeerId, const bgp::BadUpdate&)> on_bad_update;

  // Who watches, from now on; null: nobody, which costs nothing. It outlives the controller, or is
  // taken away before.
  void set_watcher(Watcher* watcher);

  // See RouteServer::set_published().
  void set_published(routeserver::RouteServer::Published published) {
    route_server_.set_published(std::move(published));
  }

  // For people, `fabrix trace`, tests.
  const exchange::Exchange& exchange() const { return exchange_; }
  const routeserver::RouteServer& route_server() const { return route_server_; }
  const routeserver::FlowSpecTable& flowspec() const { return flowspec_.table(); }
  const compiler::Compiler& compiler() const { return compiler_; }
  const fabric::Fabric& fabric() const { return *fabric_; }
  const verify::World& world() const { return world_; }
  const program::ProgramPtr& installed() const { return installed_; }
  const std::vector<Notice>& notices() const { return notices_; }
  const Counters& counters() const { return counters_; }
  // As of the last answer to read_queries().
  const std::vector<QueryReport>& queries() const { return query_counters_.reports(); }
  // As of the last answer to read_drops().
  const std::vector<DropReport>& drops() const { return port_drops_.reports(); }
  // Whether policies are not applied because the fabric does not take them.
  bool suspended() const { return suspended_; }
  // What the present Program is to be held against, besides world(): see verify/validate.h.
  const verify::Terms& terms() const { return terms_; }
  // Has the fabric read what it really has, unless that is under way. Calls nothing back: ask
  // fabric_check() until it is no longer pending.
  void check_fabric();
  struct FabricCheck {
    bool is_pending = false;
    std::optional<Result<fabric::FabricAudit>> outcome;  // none: never asked, or pending
    program::ProgramPtr program;                         // that it was held against
  };
  const FabricCheck& fabric_check() const { return fabric_check_; }
  // The last time that the fabric could be read.
  struct LastAudit {
    Clock::time_point at;
    std::chrono::microseconds took{0};  // from the question to the answer
    std::size_t wrong = 0;              // rules and meters, since corrected
  };
  const std::optional<LastAudit>& last_audit() const { return last_audit_; }
  // Where a participant's policy was read; empty if it has none.
  const std::string& policy_file(net::ParticipantId participant) const {
    return policies_[participant.index()].file;
  }
  // The text a participant's policy was made from; null if it has none.
  const std::string* policy_text(net::ParticipantId participant) const;
  // The fsms of a participant's policy, good until the next call that changes something; all null:
  // it has none.
  struct FsmView {
    const policy::FsmPolicy* policy = nullptr;
    const FsmStates* states = nullptr;
    const std::vector<FsmTransition>* transitions = nullptr;
  };
  FsmView fsms(net::ParticipantId participant) const;
  // The next hop that `client` is told for `prefix`; none: it has no route.
  std::optional<net::IpAddress> next_hop(net::ParticipantId client,
                                         const net::Prefix& prefix) const {
    return next_hops_.find(client, prefix);
  }
  const verify::NextHops& next_hops() const { return next_hops_; }

 private:
  struct Accepted {  // a policy and where it came from
    std::shared_ptr<const policy::Policy> policy;
    std::string text;
    std::string file;
    std::shared_ptr<const policy::FsmPolicy> fsms = nullptr;  // null: there are none
    FsmStates states = {};                                    // that `policy` is of
  };
  struct Read {
    Accepted accepted;
    std::vector<Diagnostic> warnings;
  };
  struct Change {
    net::ParticipantId participant;
    Accepted accepted;
  };
  std::vector<exchange::Standing> standings() const;

  struct Round {  // what one Program brings
    program::ProgramPtr program;
    std::vector<exchange::PlacedPrefix> prefixes;
    std::vector<net::ParticipantId> clients;      // to look again at all that they were told
    std::vector<Change> changes;                  // of policies
    std::vector<exchange::Standing> standings{};  // by router
    bool resumes = false;                         // suspended policies
    std::uint64_t configuration = 0;              // that it was made for
    std::optional<std::string> fault{};           // that the proof found, if it is made already
  };

  // The policy of a text, in the states that it shares with the one before.
  Result<Read, std::vector<Diagnostic>> read_text(net::ParticipantId participant,
                                                  const PolicyText& text, const Accepted& before);
  Result<Accepted, std::vector<Diagnostic>> read_again(net::ParticipantId participant,
                                                       const Accepted& accepted);
  std::optional<std::string> fault_ahead(Round& round);
  std::optional<std::string> fault_in_states(net::ParticipantId participant, Round& round);
  std::optional<std::string> fault_in(net::ParticipantId participant,
                                      const std::shared_ptr<const policy::Policy>& policy,
                                      Round& round);
  std::shared_ptr<const policy::Policy> read_everywhere(net::ParticipantId participant,
                                                        const policy::Combination& combination);
  Result<std::shared_ptr<const policy::Policy>, std::vector<Diagnostic>> read_states(
      net::ParticipantId participant, const FsmStates& states);
  Result<void, std::vector<Diagnostic>> enter(net::ParticipantId participant, FsmStates states);
  std::vector<FsmTransition> describe(net::ParticipantId participant, const FsmChange& change,
                                      std::string_view cause, Clock::time_point now) const;
  void remember(net::ParticipantId participant, const std::vector<FsmTransition>& transitions);
  void await_timeout(net::ParticipantId participant, Clock::time_point now);
  void expire_states(Clock::time_point now);
  std::optional<Clock::time_point> expire_states(net::ParticipantId participant,
                                                 Clock::time_point now);
  void ask_to_wake(Clock::time_point at);
  void end_sessions(const exchange::Exchange& next);
  void grow();
  void read_ports();
  void weigh_dynamic();
  bool has_port_up(net::ParticipantId id) const;
  void mark_port(net::PortNo port, bool up);
  bool weigh_port(net::RouterId id);
  void keep_standings(exchange::Exchange& next) const;
  void forget_orders();
  std::vector<LostPolicy> read_policies();
  void outdated(Round round);
  PolicyResult apply_policy(net::ParticipantId participant, Accepted accepted);
  void changed();
  void routes_changed();
  bool rpki_changed(const routeserver::RouteServer::Affected& affected);
  bool has_policies() const;
  bool has_source_checks() const;
  void suspend_checks(const std::string& why);
  bool routes_go_alone() const;
  void publish_routes();
  void tell_next();
  void forget_untold();
  bool has_untold() const { return told_ < untold_.size(); }
  void mind_waiting(Clock::time_point now);
  void release_waiting(Clock::time_point now);
  void tell_sessions();
  void mind_next_hops(routeserver::PeerId changed);
  void notice(Severity severity, std::string text);
  void note_problems(const std::vector<Diagnostic>& problems);
  void take_frame(net::PortNo port, std::span<const std::byte> frame);
  void take_port(net::PortNo port, bool up);
  void take_query_counts();
  void take_audit(Clock::time_point asked, Result<fabric::FabricAudit> outcome);
  void install(Clock::time_point now);
  Round begin_round();
  bool is_large(const Round& round) const;
  void install_while_proving(Round round, const compiler::Output& output, Clock::time_point began);
  std::optional<std::string> fault_of(const Round& round, const compiler::Output& output);
  void installed(Round round, Result<void> outcome);
  void refuse(Round round, const std::string& why);
  void take_back(const std::vector<Change>& changes);
  void load_policy(net::ParticipantId participant);
  void suspend();
  void resume();
  void publish(Round round);
  std::string names_of(const std::vector<Change>& changes) const;

  exchange::Exchange exchange_;      // in place for good: others refer to it
  std::uint64_t configuration_ = 0;  // counts reconfigurations
  fabric::Fabric* fabric_;
  routeserver::RouteServer route_server_;
  FirstTables first_tables_;
  FlowSpecRelay flowspec_;
  compiler::Compiler compiler_;
  ToldNextHops next_hops_;
  verify::World world_;
  NeighborResponder responder_;
  PuntBudget punt_budget_;
  QueryCounters query_counters_;
  PortDrops port_drops_;
  bool awaits_drops_ = false;                            // until the fabric answers
  std::vector<exchange::Standing> in_force_;             // that the fabric has, by router
  std::map<net::RouterId, PortOrder> port_orders_;       // of ports that are not open
  std::map<net::RouterId, std::uint64_t> locks_;         // how often lock_port() closed them
  std::set<net::PortNo> down_;                           // ports, anybody's or nobody's
  std::vector<Accepted> policies_;                       // by participant: as wanted
  std::vector<Accepted> good_;                           // by participant: as last installed
  std::vector<net::ParticipantId> changed_policies_;     // since the last round
  std::vector<net::ParticipantId> changed_states_;       // of their fsms, since the last round
  std::set<net::ParticipantId> unforeseen_;              // whose states have not been proved ahead
  std::vector<std::vector<FsmTransition>> transitions_;  // by participant
  std::vector<FsmReadings> readings_;                    // by participant
  std::optional<Clock::time_point> timeout_due_;         // of any instance; perhaps too early
  std::vector<exchange::PlacedPrefix> untold_;           // of the last round
  std::size_t told_ = 0;                                 // of them: the first
  Round carried_;                      // prefixes and clients of refused rounds, for the next one
  std::vector<std::string> problems_;  // of the last round
  program::ProgramPtr installed_;
  verify::Verifier verifier_;
  verify::Terms terms_;  // of the last compilation
  FabricCheck fabric_check_;
  std::optional<LastAudit> last_audit_;
  bool dirty_ = true;          // the first Program is due
  bool routes_dirty_ = false;  // routes changed, and perhaps nothing else
  bool installing_ = false;
  bool ahead_ = false;  // the compiler is ahead of the fabric
  std::optional<Clock::time_point> awaits_wake_;
  bool suspended_ = false;  // the compiler works without policies
  bool retry_ = false;      // suspended policies are worth another try
  std::optional<Clock::time_point> checks_suspended_at_;  // of sources; none: they are not
  bool checks_held_ = false;                              // as hold_checks() says
  Clock::time_point round_began_;
  Clock::time_point suspended_at_;
  std::vector<Notice> notices_;
  Watcher* watcher_ = nullptr;
  Counters counters_;
  // Answers of a fabric that outlives us must not reach us.
  std::shared_ptr<Controller*> self_;
};

// Half of the shortest interval at which a query reports.
inline constexpr std::chrono::milliseconds kReadQueriesEvery = policy::kMinInterval / 2;

// Of drops people want to know, and nothing depends on them.
inline constexpr std::chrono::seconds kReadDropsEvery{2};

// How long suspended policies are left alone, unless something speaks for another try.
inline constexpr std::chrono::seconds kResumeAfter{10};

// From so many clauses in changed policies on, another thread proves them: some milliseconds' work.
inline constexpr std::size_t kManyClauses = 256;

// Prefixes that are told at once, before others have their turn: some milliseconds' work.
inline constexpr std::size_t kPublishAtOnce = 20'000;

// Notices kept for people.
inline constexpr std::size_t kMaxNotices = 200;

}  // namespace fabrix::controller
