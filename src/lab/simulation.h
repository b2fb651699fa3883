// Simulation: a whole exchange in one process, without network or root: the real route server,
// compiler and verifier on the simulated fabric, driven line by line. What `fabrix simulate` runs.
//
//     announce ROUTER PREFIX... [as-path "300 1"] [med N] [community X:Y | X:Y:Z]...
//     withdraw ROUTER PREFIX...
//     session ROUTER up|down
//     port ROUTER up|down
//     policy PARTICIPANT FILE|none
//     event PARTICIPANT NAME [KEY=VALUE]... [from=SOURCE]
//     wait DURATION
//     packet ROUTER tcp 100.0.0.1:40000 -> 140.0.0.1:80
//     expect ROUTER|nowhere FROM-ROUTER tcp 100.0.0.1:40000 -> 140.0.0.1:80
//
// '#' begins a comment. Packets are udp, sctp, icmp and icmp6 too; IPv6 addresses with a port stand
// in brackets. Sessions and ports are up from the start; routers announce nothing until told. A
// session that goes down forgets what it announced. An announcement goes over the session of the
// prefix's family, with the router's address of that family as next hop. The routes of a member
// with no port up are not used. Time passes only by `wait`, which lets fsms time out.
//
// Deterministic. Not thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "controller/controller.h"
#include "controller/trace.h"
#include "exchange/exchange.h"
#include "fabric/simulated.h"
#include "net/packet.h"

namespace fabrix::lab {

// What one line did.
struct SimulatedStep {
  std::string command;                     // "announce"; empty for a blank line
  std::optional<controller::Trace> trace;  // packet, expect
  std::string participant;                 // policy: whose
  std::string from;                        // packet, expect: the sending router
  std::string expected;                    // expect: a router's name or "nowhere"
  std::string delivered;                   // packet, expect: likewise
  bool ok = true;                          // expect: met; policy: accepted; packet: as meant
  std::vector<Diagnostic> diagnostics;     // policy
  std::string policy_text;                 // policy: what the diagnostics point into
  std::vector<std::string> notices;        // what the controller had to say
  std::vector<controller::FsmTransition> transitions;  // event, wait: of fsms
};

class Simulation {
 public:
  // Reads the file that a `policy` line or the configuration names.
  using ReadFile = std::function<Result<std::string>(const std::string& file)>;

  Simulation(const exchange::Exchange& exchange, ReadFile read_file);
  Simulation(const Simulation&) = delete;
  ~Simulation() = default;
  Simulation& operator=(const Simulation&) = delete;
  Simulation(Simulation&&) = delete;
  Simulation& operator=(Simulation&&) = delete;

  // Sets the policies that the configuration names; what is wrong with them, each with its text.
  std::vector<SimulatedStep> load_policies();

  // Carries out one line of a script. Fails on what is no line of the language, or names nothing
  // that exists.
  Result<SimulatedStep> run(std::string_view line);

  // What `policy` and `packet` lines do, for a program that has the text or the packet at hand.
  // `file` is the text's name in messages.
  Result<SimulatedStep> set_policy(const std::string& participant, std::string text,
                                   const std::string& file);
  Result<SimulatedStep> send(const std::string& router, const net::Packet& packet);

  const controller::Controller& controller() const { return controller_; }

 private:
  using Words = std::vector<std::string>;

  Result<SimulatedStep> announce(const Words& words);
  Result<SimulatedStep> withdraw(const Words& words);
  Result<SimulatedStep> session(const Words& words);
  Result<SimulatedStep> port(const Words& words);
  Result<SimulatedStep> policy(const Words& words);
  Result<SimulatedStep> event(const Words& words);
  Result<SimulatedStep> wait(const Words& words);
  Result<SimulatedStep> packet(const Words& words);
  Result<SimulatedStep> expect(const Words& words);

  Result<SimulatedStep> read_policy(net::ParticipantId participant, const std::string& file);
  SimulatedStep use_policy(net::ParticipantId participant, std::string text,
                           const std::string& file);
  Result<SimulatedStep> send_text(const std::string& router, std::string_view packet);
  Result<const exchange::Router*> find_router(const std::string& name) const;
  Result<const exchange::Participant*> find_participant(const std::string& name) const;
  void bring_up(const exchange::Router& router);
  void report_rejections(routeserver::PeerId peer, const net::Prefix& prefix);
  void settle();

  const exchange::Exchange* exchange_;
  ReadFile read_file_;
  fabric::SimulatedFabric fabric_;
  controller::Controller controller_;
  std::vector<std::string> notices_;
  controller::Controller::Clock::time_point now_;
};

}  // namespace fabrix::lab
