// ScriptBgp: what one script has to do with routers: its bgp... functions.
//
// What it announces to a router lasts as long as the session, and as its process: whoever opens
// either announces it again. Routers that it adds stay until it, or another script, removes them.
// Loop's thread only.
#pragma once

#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "analyzer/router_sessions.h"
#include "base/result.h"
#include "bgp/flowspec.h"
#include "net/prefix.h"

namespace fabrix::analyzer {

class ScriptBgp {
 public:
  // The sessions must outlive it.
  explicit ScriptBgp(RouterSessions& sessions) : sessions_(sessions) {}
  ~ScriptBgp() { clear(); }
  ScriptBgp(const ScriptBgp&) = delete;
  ScriptBgp& operator=(const ScriptBgp&) = delete;
  ScriptBgp(ScriptBgp&&) = delete;
  ScriptBgp& operator=(ScriptBgp&&) = delete;

  // None: there is no such function.
  std::optional<Result<boost::json::value>> call(std::string_view name,
                                                 const boost::json::array& arguments);

  // Whether the script has added this router, and wants to hear of its sessions.
  bool watches(const net::IpAddress& router) const { return routers_.contains(router); }

  const RouterSessions& sessions() const { return sessions_; }

  // The router's session is over.
  void closed(const net::IpAddress& router);

  // The script's process is over.
  void clear();

 private:
  struct Function;
  using Arguments = boost::json::array;

  Result<boost::json::value> add_neighbor(const Arguments& arguments);
  Result<boost::json::value> remove_neighbor(const Arguments& arguments);
  Result<boost::json::value> add_route(const Arguments& arguments);
  Result<boost::json::value> remove_route(const Arguments& arguments);
  Result<boost::json::value> route_count(const Arguments& arguments);
  Result<boost::json::value> add_flow(const Arguments& arguments);
  Result<boost::json::value> remove_flow(const Arguments& arguments);
  Result<boost::json::value> flow_count(const Arguments& arguments);
  bool is_up(const net::IpAddress& router) const;

  RouterSessions& sessions_;
  std::set<net::IpAddress> routers_;
  std::set<std::pair<net::IpAddress, net::Prefix>> routes_;  // that it has announced
  std::set<std::pair<net::IpAddress, bgp::FlowSpecRule>> flows_;
};

}  // namespace fabrix::analyzer
