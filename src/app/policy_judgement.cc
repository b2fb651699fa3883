#include "app/policy_judgement.h"

#include <utility>

#include "compiler/compiler.h"
#include "compiler/invariants.h"
#include "controller/fsm_review.h"
#include "controller/symbols.h"
#include "policy/parse.h"
#include "routeserver/route_server.h"

namespace fabrix::app {

Judgement judge(const exchange::Exchange& exchange, net::ParticipantId owner, std::string_view text,
                const std::string& file) {
  const auto symbols = controller::symbols_for(exchange, owner);
  auto parsed = policy::parse(text, file, symbols);
  if (!parsed)
    return {.diagnostics = std::move(parsed).error(), .policy = nullptr, .fsms = nullptr};
  auto policy = std::make_shared<const policy::Policy>(std::move(parsed->policy));
  Judgement judgement{
      .diagnostics = std::move(parsed->diagnostics), .policy = nullptr, .fsms = nullptr};
  const routeserver::RouteServer no_routes(exchange);
  compiler::Compiler compiler(exchange, no_routes);
  auto compiled = compiler.set_policy(owner, policy, file);
  // Odd is what is odd in all states of fsms, wrong what is wrong in any.
  if (compiled && parsed->fsms) {
    compiled = controller::review(compiler, owner, *parsed->fsms, file);
  }
  const auto& more = compiled ? *compiled : compiled.error();
  judgement.diagnostics.insert(judgement.diagnostics.end(), more.begin(), more.end());
  const auto broken = compiler::check_invariants(*policy, symbols, file);
  judgement.diagnostics.insert(judgement.diagnostics.end(), broken.begin(), broken.end());
  if (compiled && broken.empty()) {
    judgement.policy = std::move(policy);
    judgement.fsms = std::move(parsed->fsms);
  }
  return judgement;
}

}  // namespace fabrix::app
