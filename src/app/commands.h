// The commands of `fabrix`, one function each. They print to stdout, complain to stderr, and return
// what the process ends with.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/client.h"
#include "app/exit_code.h"
#include "base/diagnostic.h"

namespace fabrix::app {

using Words = std::span<const std::string>;

ExitCode show_command(Words words);      // fabrix show participants|sessions|...
ExitCode trace_command(Words words);     // fabrix trace [--lab NAME] ROUTER PACKET
ExitCode monitor_command(Words words);   // fabrix monitor [NEIGHBOR...]
ExitCode verify_command(Words words);    // fabrix verify
ExitCode what_if_command(Words words);   // fabrix what-if policy|withdraw
ExitCode session_command(Words words);   // fabrix session reset|refresh|disable|enable
ExitCode port_command(Words words);      // fabrix port quarantine|shutdown|release
ExitCode policy_command(Words words);    // fabrix policy check|set|remove
ExitCode event_command(Words words);     // fabrix event NAME KEY=VALUE...
ExitCode reload_command(Words words);    // fabrix reload [--check]
ExitCode script_command(Words words);    // fabrix script list|run|stop|log
ExitCode traffic_command(Words words);   // fabrix traffic [VIEW]
ExitCode sflow_command(Words words);     // fabrix sflow decode|flows|replay|forward
ExitCode agent_command(Words words);     // fabrix agent --config FILE
ExitCode simulate_command(Words words);  // fabrix simulate EXCHANGE.yaml SCRIPT
ExitCode import_command(Words words);    // fabrix import neighbors|arouteserver|ixf FILE...
ExitCode export_command(Words words);    // fabrix export ixf|policy -c EXCHANGE.yaml
ExitCode lab_command(Words words);       // fabrix lab list|run|check|...
ExitCode internal_command(Words words);  // what labs start this very program for; not for people

// Where a daemon's socket is: --socket, else the lab's (--lab), else $FABRIX_SOCKET, else
// /run/fabrix/fabrix.sock.
class Arguments;
std::string socket_path(const Arguments& arguments);

// From now on every complaint is one line on stderr,
//
//   {"error":{"code":3,"kind":"not-found","message":"...","diagnostics":[...]}}
//
// with the exit code, its name, and the diagnostics (api::to_json) where there are any. Of the
// process; before any command runs.
void complain_in_json();

// An error of the command itself, to stderr.
ExitCode complain(ExitCode code, const std::string& message);

// An error that is told in lines of its own, whole: "FILE:LINE: error: ...".
ExitCode complain_verbatim(ExitCode code, const std::string& lines);

// What is wrong with the text of a file.
ExitCode complain(ExitCode code, const std::vector<Diagnostic>& diagnostics,
                  std::string_view source);

// How the command is used: to stdout because it was asked for, or to stderr because it was not so
// used.
ExitCode explain(std::string_view usage);
ExitCode misused(std::string_view usage);

// Why a daemon did not do as asked.
ExitCode complain(const api::AskFailure& failure);

// The one of `known` that `word` is, or begins unambiguously, as birdc and vtysh have it. Else a
// message: which ones it may be, or which was probably meant.
Result<std::string> complete(std::string_view word, const std::vector<std::string>& known);

}  // namespace fabrix::app
