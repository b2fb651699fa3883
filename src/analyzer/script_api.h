// What a script's calls do (engine/prelude.js makes its functions of them): most are the REST
// API's, in process; the others are here.
//
// Each call is answered once: at once, but for requests to others and
// commands. Loop's thread only.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "analyzer/router.h"
#include "analyzer/script_bgp.h"
#include "analyzer/script_commands.h"
#include "analyzer/script_outlet.h"
#include "analyzer/script_store.h"
#include "script/script.h"
#include "telemetry/engine.h"

namespace fabrix::analyzer {

// What the calls of one script are about; all of it outlives them.
struct ScriptWorld {
  telemetry::Engine& engine;
  const Router& routes;
  boost::json::object& shared;  // by all scripts
  ScriptStore& store;
  ScriptOutlet& outlet;
  ScriptCommands& commands;
  ScriptBgp& bgp;
  std::string directory;  // of the script: it may include what is in it
  // What comes of httpAsync.
  std::function<void(boost::json::object work)> deliver;
};

void answer_script(const ScriptWorld& world, std::string_view name,
                   const boost::json::array& arguments, const script::Script::Answer& answer);

}  // namespace fabrix::analyzer
