// ScriptHost: the scripts beside the engine.
//
//   /script/NAME/.../json                 what a script answers; also .../txt and .../html
//   /app/APP/scripts/NAME/.../json        the same of an application's script, as sFlow-RT has it
//   /app/APP/html/...                     pages beside a script APP/scripts/NAME (app_files.h)
//   GET /scripts/json                     all of them, and what they have used
//   PUT /scripts/NAME/json                {"state": "stopped"} or {"state": "running"}
//   GET /scripts/NAME/log/txt             what it has logged of late
//
// A script is called as its file is. In a folder APP/scripts it is an application's, and called
// APP.NAME, so that applications may have scripts of one name; where only one has it, NAME will do.
// Of a script that is no application's, APP may be anything. Loop's thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "analyzer/app_files.h"
#include "analyzer/hosted_script.h"
#include "analyzer/router.h"
#include "analyzer/router_sessions.h"
#include "analyzer/script_options.h"
#include "base/result.h"
#include "http/message.h"
#include "io/event_loop.h"
#include "telemetry/engine.h"

namespace fabrix::analyzer {

class ScriptHost {
 public:
  static constexpr std::size_t kMaxScripts = 64;

  // What is given outlives it.
  ScriptHost(io::EventLoop& loop, telemetry::Engine& engine, const Router& routes,
             RouterSessions& sessions);
  ~ScriptHost();
  ScriptHost(const ScriptHost&) = delete;
  ScriptHost& operator=(const ScriptHost&) = delete;
  ScriptHost(ScriptHost&&) = delete;
  ScriptHost& operator=(ScriptHost&&) = delete;

  // These run from now on; those that are as they were go on. Fails, and changes nothing, if the
  // options are wrong: that a script is, its status says.
  Result<void> configure(const ScriptOptions& options);

  // Something may have happened in the engine.
  void look();

  // Whether the request is for scripts, or for their pages. Where the routes have an application's
  // path, it is for its script only if there is one.
  bool is_for_scripts(const http::Request& request) const;

  http::Response answer(const http::Request& request);

 private:
  // By its name, or, if that is one's only, by its file's; null: there is none.
  HostedScript* find(const std::string& name) const;
  // An application's.
  HostedScript* find(const std::string& application, const std::string& file) const;
  // Whose handlers the request is for, and where its own path begins.
  struct Addressed {
    HostedScript* script = nullptr;
    std::size_t rest = 0;  // 0: it is for none's
  };
  Addressed addressed(const std::vector<std::string>& path) const;

  http::Response answer_about(const http::Request& request);
  static http::Response set_state(const http::Request& request, HostedScript& script);

  io::EventLoop& loop_;
  telemetry::Engine& engine_;
  const Router& routes_;
  RouterSessions& sessions_;
  ScriptOptions options_;
  AppFiles pages_;
  boost::json::object shared_;
  std::map<std::string, std::unique_ptr<HostedScript>> scripts_;  // by name
  std::uint64_t events_ = 0;                                      // that have been told
  std::uint64_t records_ = 0;
};

}  // namespace fabrix::analyzer
