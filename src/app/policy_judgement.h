// judge(): everything there is to say about a policy text: what the language finds, then what the
// compiler does, as if nobody had announced anything.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "exchange/exchange.h"
#include "net/ids.h"
#include "policy/parse.h"
#include "policy/policy.h"

namespace fabrix::app {

struct Judgement {
  std::vector<Diagnostic> diagnostics;
  std::shared_ptr<const policy::Policy> policy;   // null: a diagnostic is an error
  std::shared_ptr<const policy::FsmPolicy> fsms;  // null: there are none
};

Judgement judge(const exchange::Exchange& exchange, net::ParticipantId owner, std::string_view text,
                const std::string& file);

}  // namespace fabrix::app
