#include "verify/report.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "net/flow_hash.h"

namespace fabrix::verify {
namespace {

struct Invariant {
  std::string_view id;
  std::string_view name;
  std::string_view meaning;
};

constexpr std::array kInvariants{
    Invariant{"I1", "isolation",
              "a member's rows see only what it sends or what is delivered to it"},
    Invariant{"I2", "BGP consistency", "traffic goes to a member only where its routes lead"},
    Invariant{"I3", "tag agreement", "what a member is told of a prefix is what the routes say"},
    Invariant{"I4", "no blackhole",
              "what BGP would deliver is delivered, unless a policy drops it"},
    Invariant{"I5", "no hairpin, no loop", "nothing goes back to its sender, or round"},
    Invariant{"I6", "unicast", "a packet has at most one way to go"},
    Invariant{"I7", "header integrity",
              "only what policies may write is written, and the receiver's MAC"},
    Invariant{"I8", "control plane", "ARP, ND, BGP and BFD pass by all policies"},
    Invariant{"I9", "anti-spoof", "a port lets in what its owner's MAC sends"},
    Invariant{"I10", "non-interference", "a change alters only packets from or to whoever made it"},
    Invariant{"I11", "fidelity", "rows do what the clauses mean"},
    Invariant{"I12", "capacity", "everything fits into the target"},
    Invariant{"I13", "counting", "queries, counted clauses and drops count what they say"},
};

const Invariant* find(std::string_view id) {
  const auto* const found = std::ranges::find(kInvariants, id, &Invariant::id);
  return found == kInvariants.end() ? nullptr : found;
}

}  // namespace

std::string_view name_of_invariant(std::string_view invariant) {
  const Invariant* found = find(invariant);
  return found == nullptr ? std::string_view{} : found->name;
}

std::string_view meaning_of_invariant(std::string_view invariant) {
  const Invariant* found = find(invariant);
  return found == nullptr ? std::string_view{} : found->meaning;
}

std::string where_is(const ClauseRef& clause, const exchange::Exchange& exchange,
                     const FileOf& file_of) {
  const std::string file = file_of ? file_of(clause.owner) : std::string();
  const std::string place =
      file.empty() ? "" : fmt::format("{}:{}:{}, ", file, clause.at.line, clause.at.column);
  return fmt::format("{}clause {} of {}'s {} policy", place, clause.clause + 1,
                     exchange.participant(clause.owner).name,
                     clause.direction == policy::Direction::kOutbound ? "outbound" : "inbound");
}

// The buckets that the rows test.
net::HashKeys tested_by(const std::vector<program::Row>& rows) {
  net::HashKeys keys;
  for (const program::Row& row : rows) {
    for (const net::HashKey key : net::kHashKeys) {
      const auto& fields = row.match.fields;
      const auto found =
          std::ranges::find(fields, net::bucket_field(key), &program::FieldMatch::field);
      if (found != fields.end()) keys.add(key);
    }
  }
  return keys;
}

std::string describe_witness(const Violation& violation, const exchange::Exchange& exchange) {
  const net::Packet& witness = *violation.witness;
  const exchange::Router* from = exchange.find_router(witness.in_port);
  return fmt::format("{}{}, from {} at port {} to {}", net::to_string(witness),
                     net::bucket_text(witness, tested_by(violation.rows)),
                     from == nullptr ? "nobody" : from->name, witness.in_port.value,
                     witness.dst_mac.to_string());
}

std::string summary(const Violation& violation, const exchange::Exchange& exchange,
                    const FileOf& file_of) {
  std::string text = fmt::format("{} ({}): {}", violation.invariant,
                                 name_of_invariant(violation.invariant), violation.message);
  if (violation.witness) {
    text += "; witness: " + describe_witness(violation, exchange);
  }
  if (violation.clause) text += "; " + where_is(*violation.clause, exchange, file_of);
  return text;
}

std::string render(const Violation& violation, const exchange::Exchange& exchange,
                   const FileOf& file_of) {
  std::string text = fmt::format("error[{}]: {}\n", violation.invariant, violation.message);
  if (violation.clause) {
    text += fmt::format("  --> {}\n", where_is(*violation.clause, exchange, file_of));
  }
  if (violation.witness) {
    text += fmt::format("  witness: {}\n", describe_witness(violation, exchange));
  }
  for (const program::Row& row : violation.rows) {
    text += fmt::format("  row: {}\n", program::to_string(row));
  }
  return text + fmt::format("  help: {} {}: {}\n", violation.invariant,
                            name_of_invariant(violation.invariant),
                            meaning_of_invariant(violation.invariant));
}

}  // namespace fabrix::verify
