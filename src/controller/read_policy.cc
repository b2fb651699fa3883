#include "controller/read_policy.h"

#include <utility>

#include "compiler/invariants.h"
#include "controller/fsm_review.h"
#include "controller/symbols.h"
#include "policy/parse.h"

namespace fabrix::controller {
namespace {

// Puts `read` into the states of the policy before. What no longer fits begins anew.
void carry_states(const StatesBefore& before, ReadPolicy& read) {
  if (before.fsms == nullptr) return;
  FsmStates kept = carry_over(*before.fsms, *before.states, *read.fsms);
  auto policy = read.fsms->read(kept.instances());
  if (!policy) return;
  read.policy = std::make_shared<const policy::Policy>(*std::move(policy));
  read.states = std::move(kept);
}

}  // namespace

Result<ReadPolicy, std::vector<Diagnostic>> read_policy(compiler::Compiler& compiler,
                                                        const exchange::Exchange& exchange,
                                                        net::ParticipantId participant,
                                                        const PolicyText& text,
                                                        const StatesBefore& before) {
  const auto symbols = symbols_for(exchange, participant);
  auto parsed = policy::parse(text.text, text.file, symbols);
  if (!parsed) return fail(std::move(parsed).error());
  auto broken = compiler::check_invariants(parsed->policy, symbols, text.file);
  if (!broken.empty()) return fail(std::move(broken));
  ReadPolicy read{.policy = std::make_shared<const policy::Policy>(std::move(parsed->policy)),
                  .fsms = std::move(parsed->fsms),
                  .states = {},
                  .warnings = std::move(parsed->diagnostics)};
  if (read.fsms == nullptr) return read;
  auto reviewed = review(compiler, participant, *read.fsms, text.file);
  if (!reviewed) return fail(std::move(reviewed).error());
  read.warnings.insert(read.warnings.end(), reviewed->begin(), reviewed->end());
  read.states = initial_states(*read.fsms);
  carry_states(before, read);
  return read;
}

}  // namespace fabrix::controller
