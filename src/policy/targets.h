// Targets: the participants and ports that a policy names, and whether it may.
//
//   B  'B'  participant.peers['B']  sdx.participants['B']     a participant
//   C1  c1  C[0]  B.phys_ports[0]                             a port of it, from 1 or from 0
//   port[0]  phys_ports[0]  participant.phys_ports[0]         a port of the owner
//
// Pure but for the report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "policy/parse.h"
#include "policy/policy.h"
#include "policy/report.h"
#include "policy/scope.h"
#include "policy/term.h"

namespace fabrix::policy {

// Where the expression stands: one direction, or the half of final_policy that makes that
// direction.
enum class Mode : std::uint8_t { kOutbound, kInbound, kFinalOutbound, kFinalInbound };

bool is_inbound(Mode mode);
bool is_final(Mode mode);

// What a text names, before asking whether the policy may forward there.
struct Named {
  const SymbolTable::Participant* participant = nullptr;
  const SymbolTable::Port* port = nullptr;  // null: the participant as a whole
};

class Targets {
 public:
  Targets(const SymbolTable& symbols, Names& names, Report& report)
      : symbols_(symbols), names_(names), report_(report) {}

  // None: reported.
  std::optional<Named> resolve(const Bound& target) const;
  std::optional<net::ParticipantId> participant(const Bound& target) const;

  // The target of fwd(). `other_half`: in final_policy, and it belongs to the other direction.
  struct Checked {
    std::optional<Target> target;
    bool other_half = false;
  };
  // None: reported.
  std::optional<Checked> check(const Bound& target, Mode mode) const;

  // isolated(one, other): that the owner's side of the two sends to the other, or (inbound) gets
  // what the other sends. Null: reported.
  TermPtr isolation(const Bound& one, const Bound& other, Mode mode) const;
  // The port of the owner's that a copy goes to. None: reported.
  std::optional<net::RouterId> own_port(const Bound& target) const;
  // The middlebox port of the owner's that packets pass: one of via()'s. None: reported.
  std::optional<net::RouterId> own_middlebox(const Bound& target) const;

 private:
  struct Step;

  const SymbolTable::Participant* owner() const;
  std::string owner_name() const;
  std::optional<Named> named(std::string_view word, const SourceSpan& at) const;
  const SymbolTable::Participant* find(std::string_view name) const;
  bool flatten(const Bound& bound, std::vector<Step>& steps) const;
  std::optional<Named> follow(const std::vector<Step>& steps, const SourceSpan& at) const;
  std::optional<Named> port_of(const SymbolTable::Participant* of, const Step& index) const;
  std::optional<Target> outbound(const Named& named, const SourceSpan& at) const;
  std::optional<Target> inbound(const Named& named, const SourceSpan& at) const;
  bool is_router(const SymbolTable::Port& port, const SourceSpan& at) const;
  std::string peers() const;
  std::string ports() const;

  const SymbolTable& symbols_;
  Names& names_;
  Report& report_;
};

}  // namespace fabrix::policy
