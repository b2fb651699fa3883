// parse(): the text of a .policy file to a checked Policy, or everything that is wrong with it.
//
// Lexer, parser, typed syntax tree, checks, lowering to clauses: docs/policy.md describes the
// language and lists the codes (P00xx lexical, P01xx syntax, P02xx names and types, P03xx meaning,
// P04xx quota). Pure; fuzzed in fuzz/policy/parse_fuzz.cc. Time and memory are linear in the
// clauses produced, which kMaxClauses bounds; nesting is bounded by kMaxDepth.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "net/ids.h"
#include "policy/policy.h"

namespace fabrix::policy {

// The names a policy may use, from the exchange's configuration.
struct SymbolTable {
  struct Port {
    std::string router_name;  // "c1"
    net::RouterId router;
    net::PortNo port;
    bool middlebox = false;  // for via() and nothing else
  };
  struct Participant {
    std::string name;
    net::ParticipantId id;
    std::vector<Port> ports;  // C1 is ports[0], C[0] and phys_ports[0] too
    bool peer = false;        // has a peering with the owner
  };

  std::vector<Participant> participants;
  net::ParticipantId owner;  // whose policy this is
};

class FsmPolicy;

struct Parsed {
  Policy policy;                          // with fsms: as it is in their initial states
  std::vector<Diagnostic> diagnostics;    // notes and warnings only
  std::shared_ptr<const FsmPolicy> fsms;  // null: there are none
};

Result<Parsed, std::vector<Diagnostic>> parse(std::string_view text, std::string_view file,
                                              const SymbolTable& symbols);

// What can be said of a text without knowing any exchange: everything but who the names of
// participants and ports are, and what follows from that.
std::vector<Diagnostic> check_alone(std::string_view text, std::string_view file);

// The NAME of the `policy NAME { }` around a text; none: there is none.
std::optional<std::string> block_name(std::string_view text);

}  // namespace fabrix::policy
