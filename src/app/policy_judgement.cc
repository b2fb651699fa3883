#include "app/policy_judgement.h"

#include <utility>

#include "compiler/compiler.h"
#include "compiler/invariants.h"
#include "controller/symbols.h"
#include "policy/parse.h"
#include "routeserver/route_server.h"

namespace fabrix::app {

Judgement judge(const exchange::Exchange& exchange, net::ParticipantId owner, std::string_view text,
                const std::string& file) {
  const auto symbols = controller::symbols_for(exchange, owner);
  auto parsed = policy::parse(text, file, symbols);
  if (!parsed) return {.diagnostics = std::move(parsed).error(), .policy = nullptr};
  auto policy = std::make_shared<const policy::Policy>(std::move(parsed->policy));
  Judgement judgement{.diagnostics = std::move(parsed->diagnostics), .policy = nullptr};
  const routeserver::RouteServer no_routes(exchange);
  compiler::Compiler compiler(exchange, no_routes);
  const auto compiled = compiler.set_policy(owner, policy, file);
  const auto& more = compiled ? *compiled : compiled.error();
  judgement.diagnostics.insert(judgement.diagnostics.end(), more.begin(), more.end());
  const auto broken = compiler::check_invariants(*policy, symbols, file);
  judgement.diagnostics.insert(judgement.diagnostics.end(), broken.begin(), broken.end());
  if (compiled && broken.empty()) judgement.policy = std::move(policy);
  return judgement;
}

}  // namespace fabrix::app
