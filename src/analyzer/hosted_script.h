// HostedScript: one script beside the engine: what it hears of, what it logs and keeps, and the
// requests that it answers.
//
//   /script/NAME/a/b/json?k=v   {"path": ["a", "b"], "format": "json", "query": {"k": ["v"]}, ...}
//
// Loop's thread only.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "analyzer/router.h"
#include "analyzer/script_api.h"
#include "analyzer/script_bgp.h"
#include "analyzer/script_commands.h"
#include "analyzer/script_log.h"
#include "analyzer/script_outlet.h"
#include "analyzer/script_store.h"
#include "http/message.h"
#include "io/event_loop.h"
#include "script/script.h"
#include "telemetry/engine.h"
#include "telemetry/flow_log.h"
#include "telemetry/threshold_table.h"

namespace fabrix::analyzer {

struct HostedScriptOptions {
  std::string name;  // the file's
  script::ScriptOptions script;
  std::string store_file;  // empty: what it stores does not last
  std::vector<AllowedTarget> allowed;
  std::vector<std::string> commands;  // that it may run
  std::string ca_file;                // as TlsOptions has it
};

class HostedScript {
 public:
  static constexpr std::size_t kMaxAsking = 32;  // requests that wait for it

  // What is given outlives it.
  HostedScript(io::EventLoop& loop, telemetry::Engine& engine, const Router& routes,
               RouterSessions& sessions, boost::json::object& shared, HostedScriptOptions options);
  ~HostedScript();
  HostedScript(const HostedScript&) = delete;
  HostedScript& operator=(const HostedScript&) = delete;
  HostedScript(HostedScript&&) = delete;
  HostedScript& operator=(HostedScript&&) = delete;

  void start() { script_.start(); }
  void stop();

  // What has happened, the oldest first.
  void hear(std::span<const telemetry::Event> events);
  void hear(std::span<const telemetry::FlowRecord> records);
  // A session with a router is established, or over.
  void hear(const net::IpAddress& router, speaker::NeighborState state);

  // `path` is what comes after the script's name.
  http::Response answer(const http::Request& request, std::span<const std::string> path);

  boost::json::object status() const;
  std::string log() const { return log_.text(); }
  const std::string& file() const { return options_.script.file; }

 private:
  // What it wants to hear of.
  struct Interest {
    bool in_all = false;
    std::vector<std::string> names;

    bool has(const std::string& name) const;
  };

  void begin();
  void told(std::string_view name, const boost::json::array& arguments);
  void note(std::string_view level, std::string_view text);
  void ring();
  void save();

  HostedScriptOptions options_;
  ScriptLog log_;
  ScriptStore store_;
  ScriptOutlet outlet_;
  ScriptCommands commands_;
  ScriptBgp bgp_;
  ScriptWorld world_;
  Interest in_events_;
  Interest in_flows_;
  std::chrono::milliseconds every_{0};  // 0: no interval
  bool is_rung_ = false;                // and has not answered yet
  std::size_t asking_ = 0;
  io::Timer bell_;
  io::Timer save_;
  script::Script script_;
};

}  // namespace fabrix::analyzer
