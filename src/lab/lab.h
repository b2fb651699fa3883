// Lab: a running emulated exchange: the network, a fabric (the kernel's, or Open vSwitch), fabrixd,
// and a real routing daemon for each router.
//
// A Lab object holds no process: what it starts goes on without it, and another object of the same
// name finds it again. Whoever starts or changes a lab holds the Claim on its name (remains.h).
// Calls block, and fail with "interrupted" after a signal (interrupt.h). One thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"
#include "exchange/fabric_attach.h"
#include "io/routes.h"
#include "lab/definition.h"
#include "lab/network.h"

namespace fabrix::lab {

// How long routers may take to agree with the exchange after a change.
inline constexpr std::chrono::seconds kConvergence{15};

// How fabrixd at a local socket is asked: api::ask(), which stands on our floor.
using Ask = std::function<Result<boost::json::value>(const std::string& socket,
                                                     const boost::json::object& request)>;

// Told while a lab starts: what has been done: ("sessions", "4 of 4 established").
using Progress = std::function<void(std::string_view what, std::string_view text)>;

// Asks every 50 ms until `done` says yes, `limit` has passed or a signal has come. The error is
// `done`'s last, or of that kind.
Result<void> wait_until(std::chrono::milliseconds limit, const std::function<Result<void>()>& done);

class Lab {
 public:
  struct Options {
    std::string name;              // of this run; its namespaces and directory have it
    std::filesystem::path folder;  // with exchange.yaml and the policies
    std::string fabrixd;           // path of the program
    exchange::FabricType fabric = exchange::FabricType::kLinux;
    std::optional<exchange::FabricAttach> attach{};  // of all ports; none: as exchange.yaml says
    Ask ask;
  };

  Lab(Definition definition, Options options);

  // Removes what an earlier run has left, and starts everything; returns when all sessions are
  // established and the exchange has settled. What runs after a failure is left for inspection.
  Result<void> start(const Progress& progress);

  // Whether fabrixd answers.
  bool is_running() const;

  // Changes. Each returns when the exchange knows it.
  Result<void> change_route(const RouteStep& step);
  Result<void> change_policy(const PolicyStep& step);
  Result<void> change_link(const LinkStep& step) const;
  Result<void> change_session(const SessionStep& step);
  // The cables alone; the exchange knows it when is_known() says so.
  Result<void> change_switch(std::string_view name, PowerState state) const;
  // Whether the exchange uses all links of the switch, or none.
  Result<void> is_known(std::string_view name, PowerState state) const;

  // Questions.
  Result<boost::json::value> show(std::string_view what) const;
  Result<boost::json::value> trace(std::string_view router, const net::Packet& packet) const;
  // The kernel's table in a router.
  Result<std::vector<io::Route>> routes_of(std::string_view router, net::Family family) const;
  std::string namespace_of(std::string_view node) const;
  const std::string& name() const { return options_.name; }
  const Definition& definition() const { return definition_; }
  const std::vector<Node>& nodes() const { return nodes_; }

  // Files worth reading of a node: a router, "ix" or "rs". Empty if there is no such node.
  std::vector<std::string> logs_of(std::string_view node) const;

 private:
  Result<void> start_network();
  Result<void> start_exchange();
  Result<void> start_fabrixd();
  bool is_linux() const { return options_.fabric == exchange::FabricType::kLinux; }
  const exchange::Topology& topology() const { return definition_.exchange.fabric.topology; }
  Result<void> start_middleboxes();
  Result<void> start_routers();
  Result<void> start_router(const LabRouter& router);
  Result<void> await_sessions();
  Result<std::string> await_routes();
  Result<void> has_routes_of(const LabRouter& router) const;
  Result<void> is_settled() const;
  Result<void> is_established(std::string_view router, PowerState state) const;
  Result<void> has_route(std::string_view router, const net::Prefix& prefix,
                         RouteChange change) const;
  RouterPlan plan_of(const LabRouter& router) const;
  std::string log_of_exchange() const;

  Definition definition_;
  Options options_;
  std::vector<Node> nodes_;
  std::map<std::string, std::unique_ptr<Daemon>, std::less<>> daemons_;  // by router
};

}  // namespace fabrix::lab
