// Trouble: which participants' policies do not apply in full, in words for people and as what the
// verifier has to know. Pure.
#pragma once

#include <set>
#include <vector>

#include "base/diagnostic.h"
#include "compiler/counting.h"
#include "compiler/sender.h"
#include "compiler/source_sets.h"
#include "exchange/exchange.h"
#include "net/ids.h"
#include "policy/shortfall.h"

namespace fabrix::compiler {

struct Trouble {
  const exchange::Exchange& exchange;
  const std::vector<Sender>& senders;  // by participant
  const Counting& sent;
  const Counting& delivered;
  const std::set<net::ParticipantId>& of_senders;
  const std::set<net::ParticipantId>& of_receivers;  // their inbound rows are too many
  const SourceSets& sources;
};

std::vector<Diagnostic> problems(const Trouble& trouble);
std::vector<policy::Shortfall> shortfalls(const Trouble& trouble);

}  // namespace fabrix::compiler
